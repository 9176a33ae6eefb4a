{#
    The likely cause where more was counted than the production time allows, that is where
    performance is above 1; null elsewhere. The first that fits:

    1. counts outside run time: without what was booked here but begun before (or outside shifts),
       the rest fits;
    2. run time not observed: it fits when the machine ran all the planned time that nobody saw;
    3. standard too slow: the units took less than their ideal time by the runs' own clock (or
       they are counted too high, as with a wrong number of cavities);
    4. run time recorded as a stop: the runs lasted long enough, the machine's states say that it
       produced for less.
#}
{% macro performance_flag(outside_ideal_s) -%}
    case
        when ideal_s <= apt_s
        then null
        when ideal_s - {{ outside_ideal_s }} <= apt_s
        then 'counts outside run time'
        when ideal_s - {{ outside_ideal_s }} <= apt_s + not_observed_s
        then 'run time not observed'
        when ideal_s > run_s
        then 'standard too slow'
        else 'run time recorded as a stop'
    end
{%- endmacro %}
