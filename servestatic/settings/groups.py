"""The settings by what they are about, as the help of commands and the reference list them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "URLs": ("prefix", "fingerprints", "index_file", "clean_urls", "pages"),
    "Caching and headers": ("max_age", "headers", "cors", "immutable", "manifests"),
    "Files": ("sources", "root", "follow_symlinks", "strict", "live"),
    "Compression, the store and releases": ("compress", "store", "releases", "deltas", "build"),
    "Sites without a framework": ("not_found", "single_page", "application", "application_interface"),
}
