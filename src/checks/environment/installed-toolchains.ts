/** One version of a language in the sandbox. */
export interface InstalledToolchain {
  readonly language: Language
  /** `20.20.2`; `3.12` if only the name says it. */
  readonly version: string
  /** The channel of Rust: `nightly` or `beta`; undefined for a release and for other languages. */
  readonly channel?: string | undefined
  /** Absolute path of the directory that holds its programs. */
  readonly directory: string
  /** The name of its program in `directory`, such as `python3.12` beside a `python3` of another version. */
  readonly program: string
  /** True if commands get this version without a change of PATH. */
  readonly onPath: boolean
}

export const LANGUAGES = ['node', 'python', 'go', 'rust', 'java', 'ruby'] as const
export type Language = (typeof LANGUAGES)[number]

/** Where version managers and images keep several versions, as Bash patterns. */
const PLACES: Readonly<
  Record<Language, { readonly program: string; readonly flag: string; readonly places: string }>
> = {
  node: {
    program: 'node',
    flag: '--version',
    places:
      '~/.nvm/versions/node/*/bin /usr/local/nvm/versions/node/*/bin /opt/nvm/versions/node/*/bin /usr/local/n/versions/node/*/bin ~/.local/share/fnm/node-versions/*/installation/bin ~/.fnm/node-versions/*/installation/bin ~/.volta/tools/image/node/*/bin ~/.nodenv/versions/*/bin ~/.asdf/installs/nodejs/*/bin ~/.local/share/mise/installs/node/*/bin /opt/hostedtoolcache/node/*/*/bin /opt/node*/bin /usr/local/node*/bin',
  },
  python: {
    program: 'python3',
    flag: '-V',
    places:
      '~/.pyenv/versions/*/bin /opt/pyenv/versions/*/bin ~/.local/share/uv/python/*/bin /opt/uv/python/*/bin ~/.asdf/installs/python/*/bin ~/.local/share/mise/installs/python/*/bin /opt/hostedtoolcache/Python/*/*/bin /opt/python*/bin',
  },
  go: {
    program: 'go',
    flag: 'version',
    places:
      '/usr/local/go*/bin /usr/lib/go-*/bin ~/sdk/go*/bin ~/.goenv/versions/*/bin ~/.asdf/installs/golang/*/go/bin ~/.local/share/mise/installs/go/*/bin /opt/hostedtoolcache/go/*/*/bin',
  },
  rust: {
    program: 'rustc',
    flag: '-V',
    places: '$RUSTUP_HOME/toolchains/*/bin ~/.rustup/toolchains/*/bin /usr/local/rustup/toolchains/*/bin',
  },
  java: {
    program: 'java',
    flag: '-version',
    places:
      '/usr/lib/jvm/*/bin /opt/java/*/bin /opt/jdk*/bin ~/.sdkman/candidates/java/*/bin ~/.jenv/versions/*/bin ~/.asdf/installs/java/*/bin ~/.local/share/mise/installs/java/*/bin /opt/hostedtoolcache/Java_*/*/*/bin',
  },
  ruby: {
    program: 'ruby',
    flag: '-v',
    places:
      '~/.rbenv/versions/*/bin /opt/rubies/*/bin ~/.asdf/installs/ruby/*/bin ~/.local/share/mise/installs/ruby/*/bin /opt/hostedtoolcache/Ruby/*/*/bin',
  },
}

/**
 * Files that ask for a version. Languages that no file asks for are not looked up, since each `--version` takes up to 0.1 s.
 */
const HINTS: Readonly<Record<Language, readonly string[]>> = {
  node: ['/.nvmrc', '/.node-version'],
  python: ['/.python-version'],
  go: ['/go.mod'],
  rust: ['/rust-toolchain'],
  java: ['/.java-version', '/.sdkmanrc'],
  ruby: ['/.ruby-version'],
}
/** A pattern and a manifest, per language, whose matching line asks for a version. */
const LINES: Readonly<Partial<Record<Language, string>>> = {
  node: '\'"(engines|volta)"\' package.json',
  python: "'requires-python' pyproject.toml",
}
/** Files that may ask for versions of any language; `WORDS` are the names that they use for it. */
const MENTIONS =
  '.tool-versions mise.toml .mise.toml .devcontainer.json .devcontainer/devcontainer.json .devcontainer/*/devcontainer.json'
const WORDS: Readonly<Record<Language, string>> = {
  node: 'node|nodejs',
  python: 'python',
  go: 'go|golang',
  rust: 'rust',
  java: 'java',
  ruby: 'ruby',
}

/** The keys by which workflows of GitHub name the version that they install. */
const ACTIONS: Readonly<Record<Language, string>> = {
  node: 'node-version:',
  python: 'python-version:',
  go: 'go-version:',
  rust: 'toolchain:',
  java: 'java-version:',
  ruby: 'ruby-version:',
}

function askFor(language: Language): string {
  const { program, flag, places } = PLACES[language]
  const hints = HINTS[language].map((hint) => `*${hint}*`).join('|')
  const line = LINES[language]
  const mentioned = `${line === undefined ? '' : `has ${line} || `}mentions '${WORDS[language]}' || tests '${ACTIONS[language]}'`
  const ask = `have ${language} ${program} ${flag} /backspace/bin /backspace/tools/* ${places}`
  return `case $files in ${hints}) ${ask} ;; *) if ${mentioned}; then ${ask}; fi ;; esac`
}

/**
 * Bash that prints a line `have:…`, for `parseToolchain`, per installed version of each language that the project asks for.
 * It expects the paths of the project's files, one per line, in `$files`.
 */
export const TOOLCHAIN_SCRIPT = `
named=()
for file in ${MENTIONS}; do if [ -f "$file" ]; then named+=("$file"); fi; done
mentions() { [ \${#named[@]} -gt 0 ] && timeout 2 grep -qsE -w "$1" "\${named[@]}"; }
tests() { [ -d .github/workflows ] && timeout 2 grep -rqsF -e "$1" .github/workflows; }
has() { [ -f "$2" ] && timeout 2 grep -qsE "$1" "$2"; }
one() {
  version=$(cd / && timeout 5 "$3/$2" $4 2>&1 </dev/null | tr '\\n' ' ' | head -c 200)
  printf 'have:%s\\t%s\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3" "$5" "$version"
}
have() {
  language=$1 program=$2 flag=$3 count=0
  shift 3
  first=$(command -v "$program" 2>/dev/null)
  if [ "\${first#/}" != "$first" ]; then one "$language" "$program" "\${first%/*}" "$flag" path; fi
  for place in "$@"; do
    for directory in "$place" "$place/bin"; do
      [ -x "$directory/$program" ] && [ "$directory/$program" != "$first" ] || continue
      count=$((count + 1))
      [ $count -le 12 ] && one "$language" "$program" "$directory" "$flag" other
    done
  done
  if [ $language = python ]; then
    for program in /usr/bin/python3.[0-9]* /usr/local/bin/python3.[0-9]*; do
      case $program in *[!0-9]config|*-*) continue ;; esac
      [ -x "$program" ] && one python "\${program##*/}" "\${program%/*}" -V other
    done
  fi
}
${LANGUAGES.map(askFor).join('\n')}
`

/** Reads a line of `TOOLCHAIN_SCRIPT` without its `have:`; undefined if the program did not print its version. */
export function parseToolchain(line: string): InstalledToolchain | undefined {
  const [name, program = '', directory = '', where, said = ''] = line.split('\t')
  const language = LANGUAGES.find((known) => known === name)
  const version = /(?:^|[^\d.])(\d+(?:\.\d+){1,2})/.exec(said)?.[1]
  if (language === undefined || version === undefined) return undefined
  const channel = /-(nightly|beta)\b/.exec(said)?.[1]
  return { language, version, channel, directory, program, onPath: where === 'path' }
}
