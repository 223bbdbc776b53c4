"""Releases: what a collection made, in one format in memory, in the store and in builds for servers that only read.

    OUT/css/app.css  OUT/css/app.0123456789ab.css   what plain and fingerprinted names serve
    OUT/css/app.css.br  …                            their codings, as nginx's gzip_static and brotli_static want them
    OUT/.at/…                                        files mounted elsewhere than under the prefix, by URL path
    OUT/staticfiles.json                             plain name → fingerprinted name, as Django writes it
    OUT/.servestatic/                                a document for each release, and which of them is current

Content-named files are written first and what is current last, each whole or not at all: a reader never sees half a
build. Files that already exist and are intact are not written again. The fingerprinted files of earlier releases stay.
Nothing in a build depends on when, where or by whom it was made.
"""
