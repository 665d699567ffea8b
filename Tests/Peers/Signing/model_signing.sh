#!/bin/sh
# Signs and verifies packs with muninn and with the model-signing package, each against the other,
# and tampers with what was signed.
# usage: model_signing.sh MUNINN PYTHON
set -eu
muninn=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
python=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
root=$(cd "$(dirname "$0")/../../.." && pwd)
keys=$root/fixtures/signing
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM
cd "$out"
checks=0

fail() {
  echo "signing: $1" >&2
  cat output >&2
  exit 1
}

# expect CODE WHAT COMMAND…: runs a command and checks its exit code; WHAT is in its output.
expect() {
  wanted=$1
  text=$2
  shift 2
  status=0
  "$@" >output 2>&1 || status=$?
  [ "$status" = "$wanted" ] || fail "exit code $status, expected $wanted: $*"
  grep -qF -- "$text" output || fail "no '$text' in the output of: $*"
  checks=$((checks + 1))
}

# The keys that the functions below use.
private=key.pem
public=public.pem
other=other-public.pem

package_signs() {
  pack=$1
  shift
  expect 0 "Signing succeeded" "$python" -m model_signing sign key "$pack" \
    --private_key "$keys/$private" --signature "$pack/model.sig" "$@"
}

# package_verifies CODE WHAT PACK [OPTION…]
package_verifies() {
  code=$1
  what=$2
  pack=$3
  shift 3
  expect "$code" "$what" "$python" -m model_signing verify key "$pack" \
    --public_key "$keys/$public" --signature "$pack/model.sig" "$@"
}

muninn_signs() {
  expect 0 "signed" "$muninn" sign "$1" --key "$keys/$private"
}

# muninn_verifies CODE WHAT PACK
muninn_verifies() {
  expect "$1" "$2" "$muninn" verify "$3" --key "$keys/$public"
}

accepted() {
  package_verifies 0 "Verification succeeded" "$1"
  muninn_verifies 0 "signature valid" "$1"
}

fresh() {
  rm -rf "$1"
  cp -R "$root/fixtures/expected/huginn-nano-int8.muninn" "$1"
}

# Both directions, with both forms of a key, on every curve; and what neither takes.
for curve in p521 p384 p256; do
  case $curve in
    p256) forms="key.pem key-pkcs8.pem" public=public.pem ;;
    *) forms="$curve.pem $curve-pkcs8.pem" public=$curve-public.pem ;;
  esac
  for private in $forms; do
    fresh a.muninn
    muninn_signs a.muninn
    accepted a.muninn
    (cd a.muninn && sha256sum --check --strict --quiet SHA256SUMS) || fail "sha256sum refuses"
    expect 1 "exists" "$muninn" sign a.muninn --key "$keys/$private"
    fresh b.muninn
    package_signs b.muninn
    accepted b.muninn
  done
  # A signature by the key of another curve.
  expect 1 "Key mismatch" "$python" -m model_signing verify key b.muninn \
    --public_key "$keys/$other" --signature b.muninn/model.sig
  expect 2 "was not made with this key" "$muninn" verify b.muninn --key "$keys/$other"
done
private=key.pem
expect 1 "is EC secp256k1" "$muninn" sign b.muninn --key "$keys/secp256k1.pem" --force
expect 1 "is EC secp256k1" "$muninn" verify b.muninn --key "$keys/secp256k1-public.pem"
expect 1 "Unsupported key" "$python" -m model_signing sign key b.muninn \
  --private_key "$keys/secp256k1.pem" --signature other.sig

# Each signs again what the other signed; the list of checksums stays and is covered.
package_signs a.muninn
accepted a.muninn
expect 0 "signed 8 files" "$muninn" sign a.muninn --key "$keys/key.pem" --force
accepted a.muninn

# The statements say the same, where the package is told to leave out the same.
cp -R a.muninn c.muninn
mkdir c.muninn/.cache
package_signs c.muninn --ignore-paths c.muninn/.cache --ignore-paths c.muninn/.DS_Store
"$python" - a.muninn/model.sig c.muninn/model.sig >output 2>&1 <<'PYTHON' || fail "statements differ"
import base64, json, sys

def statement(path):
    with open(path) as file:
        envelope = json.load(file)["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["serialization"]["ignore_paths"].sort()
    statement["subject"][0].pop("name")
    return statement

ours, theirs = map(statement, sys.argv[1:])
if ours != theirs:
    sys.exit(f"{ours}\n{theirs}")
PYTHON

# What a hub adds, links, a signature beside the pack, and a companion that the signer left out.
fresh d.muninn
muninn_signs d.muninn
mkdir d.muninn/.cache
echo x >d.muninn/.cache/x
echo x >d.muninn/.gitattributes
accepted d.muninn
fresh e.muninn
mv e.muninn/core.seg blob
ln -s ../blob e.muninn/core.seg
muninn_signs e.muninn
package_verifies 0 "Verification succeeded" e.muninn --allow_symlinks
muninn_verifies 0 "signature valid" e.muninn
fresh f.muninn
expect 0 "Signing succeeded" "$python" -m model_signing sign key f.muninn \
  --private_key "$keys/key.pem"
expect 0 "signature valid" "$muninn" verify f.muninn --key "$keys/public.pem" \
  --signature model.sig
fresh g.muninn
echo x >g.muninn/README.md
package_signs g.muninn --ignore-paths g.muninn/README.md
echo y >g.muninn/README.md
accepted g.muninn

# In a clone, which has .git, .gitattributes, .gitignore and .github, each signs, and both verify, there
# and in a clone of the clone.
git=$(command -v git) || fail "git is missing"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
commit() {
  "$git" -C "$1" add --all
  "$git" -C "$1" -c user.name=test -c user.email=test@example.com commit --quiet --message "$2"
}
for signer in muninn package; do
  fresh origin.muninn
  "$git" init --quiet origin.muninn
  echo '*.seg binary' >origin.muninn/.gitattributes
  echo '*.swp' >origin.muninn/.gitignore
  mkdir origin.muninn/.github
  echo x >origin.muninn/.github/x
  commit origin.muninn "Add a pack"
  "${signer}_signs" origin.muninn
  accepted origin.muninn
  commit origin.muninn "Sign it"
  rm -rf clone.muninn
  "$git" clone --quiet origin.muninn clone.muninn
  [ -d clone.muninn/.git ] || fail "a clone without .git"
  accepted clone.muninn
  rm clone.muninn/model.sig
  "${signer}_signs" clone.muninn
  accepted clone.muninn
  # A worktree has a file where a clone has a folder.
  rm -rf work.muninn
  "$git" -C origin.muninn worktree add --quiet ../work.muninn
  [ -f work.muninn/.git ] || fail "a worktree without .git"
  accepted work.muninn
done

# What the Finder leaves: a signature by muninn says that it is passed over, one by the package does not.
fresh h.muninn
muninn_signs h.muninn
echo x >h.muninn/.DS_Store
accepted h.muninn
fresh i.muninn
package_signs i.muninn
echo x >i.muninn/.DS_Store
package_verifies 1 "Extra files found in model 'i.muninn': .DS_Store" i.muninn
package_verifies 0 "Verification succeeded" i.muninn --ignore-paths i.muninn/.DS_Store
muninn_verifies 0 "signature valid" i.muninn
# The package signs it where it is there; then it is a file like any other.
package_signs i.muninn
accepted i.muninn
echo y >i.muninn/.DS_Store
package_verifies 1 "Hash mismatch" i.muninn
muninn_verifies 2 "'.DS_Store' changed after it was signed" i.muninn

# Tampering with a pack that either has signed.
flip() {
  "$python" - "$1" "$2" <<'PYTHON'
import sys

with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte[0] ^ 1]))
PYTHON
}

# tampered WHAT THEIRS OURS: both refuse t.muninn with their reasons.
tampered() {
  package_verifies 1 "$2" t.muninn
  muninn_verifies 2 "$3" t.muninn
}

for signer in muninn package; do
  signed() {
    fresh t.muninn
    "${signer}_signs" t.muninn
  }
  for file in manifest.json embedding.seg prelude.seg core.seg coda.seg config.json; do
    signed
    flip t.muninn/$file 20
    tampered $file "Hash mismatch" "'$file' changed after it was signed"
    signed
    rm t.muninn/$file
    tampered $file "Missing files" "'$file' was signed but is missing"
  done
  signed
  echo x >t.muninn/README.md
  tampered extra "Extra files" "'README.md' was not signed"
  signed
  flip t.muninn/model.sig 1000
  tampered payload "Verification failed" "was changed"
  signed
  sed 's/vnd.in-toto+json/vnd.in-toto+xml/' t.muninn/model.sig >changed
  cp changed t.muninn/model.sig
  tampered type "Expected DSSE payload" "the payload's type is 'application/vnd.in-toto+xml'"
  signed
  sed 's/bundle.v0.3/bundle.v0.9/' t.muninn/model.sig >changed
  cp changed t.muninn/model.sig
  tampered version "Verification failed" "the media type is"
  signed
  expect 1 "Key mismatch" "$python" -m model_signing verify key t.muninn \
    --public_key "$keys/other-public.pem" --signature t.muninn/model.sig
  expect 2 "was not made with this key" "$muninn" verify t.muninn --key "$keys/other-public.pem"
done
fresh t.muninn
muninn_signs t.muninn
flip t.muninn/SHA256SUMS 0
tampered list "Hash mismatch" "'SHA256SUMS' changed after it was signed"

version=$("$python" -c "from importlib.metadata import version; print(version(\"model-signing\"))")
echo "signing: model-signing $version and muninn agree, $checks checks"
