"""Which content codings, made when, by whom?"""
