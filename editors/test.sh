#!/usr/bin/env bash
# Tests and packages what is under editors/. Needs node >= 20 with npm, unzip, and Vim or Neovim or
# both (.ci/run installs them). `cargo test` needs nothing of this: it holds the word lists to the
# lexer.
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

say "VS Code: npm ci"
cd vscode
# Packaging needs none of the dependencies' own install scripts.
npm ci --ignore-scripts --no-audit --no-fund

say "VS Code: the grammar against the real tokenizer (inline assertions, snapshot)"
npm test

say "VS Code: the package"
rm -f ./*.vsix
npm run package
vsix=$(ls ./*.vsix)
listing=$(unzip -Z1 "$vsix" | sort)
printf '%s\n' "$listing"
for wanted in package.json language-configuration.json syntaxes/gov.tmLanguage.json snippets/gov.json; do
  grep -qxF "extension/$wanted" <<<"$listing" || { echo "$vsix lacks $wanted" >&2; exit 1; }
done
if grep -qE '^extension/(tests|node_modules)/' <<<"$listing"; then
  echo "$vsix ships tests or node_modules" >&2
  exit 1
fi
cd ..

sample="$PWD/vscode/tests/snapshots/charter.gov"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/pack/govc/start"
cp -R vim "$scratch/pack/govc/start/gov"

found=0
for editor in vim nvim; do
  command -v "$editor" >/dev/null || continue
  # vim-tiny has neither expressions nor highlighting: no editor to test in.
  if [ "$editor" = vim ] && ! vim --version | grep -q '+syntax'; then
    continue
  fi
  say "$editor: filetype, highlighting and indenting, headless"
  status=0
  GOV_PACKPATH="$scratch" GOV_SAMPLE="$sample" GOV_REPORT="$scratch/report" \
    timeout 120 "$editor" -es -i NONE -u "$PWD/vim/test/vimrc" -S "$PWD/vim/test/run.vim" \
    </dev/null || status=$?
  cat "$scratch/report" || true
  rm -f "$scratch/report"
  if [ "$status" -ne 0 ]; then
    echo "$editor ended with $status" >&2
    exit 1
  fi
  found=$((found + 1))
done
if [ "$found" -eq 0 ]; then
  echo "editors/test.sh: no Vim with +syntax and no Neovim to test in" >&2
  exit 1
fi
