"""`python -m docs.generate`: writes every page that is made from the program."""

from docs.generate import architecture, environments, release
from sections import schema

PAGES = {
    environments.PAGE: environments.page,
    architecture.PAGE: architecture.page,
    release.PAGE: release.page,
    schema.FILE: schema.text,
}

if __name__ == "__main__":
    for path, text in PAGES.items():
        path.write_text(text())
        print(f"{path.name} is up to date.")
