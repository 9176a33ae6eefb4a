"""The board: a folder of pages for the meeting, written from a published file.

`reading` reads, `letters` says which KPIs stand under which letter, `words` and `texts` say it in
a language, `charts` draws, `pages` lays out, `site` writes. Pages hold their styles and charts and
run no script, so they open from a file share.
"""
