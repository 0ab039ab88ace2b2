/** Expands a list such as `{,ci-}py{310,311},pypy3` to names of environments, at most 200. */
export function alternativesOf(name: string): readonly string[] {
  let found: readonly string[] = splitOutside(name)
  for (let round = 0; round < 8; round++) {
    found = found
      .flatMap((one) => {
        const [whole, inner = ''] = /\{([^{}]*)\}/.exec(one) ?? []
        return whole === undefined ? [one] : inner.split(',').map((part) => one.replace(whole, part.trim()))
      })
      .slice(0, 200)
  }
  return found
}

/** Splits at commas outside of braces. */
function splitOutside(text: string): readonly string[] {
  return text
    .split(/,(?![^{}]*\})/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** The packages that a command such as `uv pip install -e .[d] -r list.txt b` installs; none if it has other options. */
export function installed(command: string): readonly string[] {
  const rest = /^(?:python3? -m |uv )?pip install (.*)$/.exec(command)?.[1] ?? ''
  const said = rest.replace(/["']/g, '').replace(/(?<=^| )(?:-[Uq]|--upgrade|--quiet|-e|--editable) /g, '')
  const words = said.split(/ (?!(?<=-r ))/)
  return words.every((word) => /^(?:-r )?[\w.][\w./[\],<>=!~*-]*$/.test(word)) ? words : []
}

/** Joins lines that end in a backslash with the next ones. */
export function joinedLines(lines: readonly string[]): readonly string[] {
  return lines
    .join('\n')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
}

/** Options whose value is a folder of tox's own, such as `--basetemp={envtmpdir}`. They do not say what is tested. */
const OF_TOX =
  / --?[\w-]{1,40}[= ]["']?(?:\w{1,40}=)?\{(?:env_?tmp_?dir|env_?log_?dir|env_?name|env_?dir|env_?site_?packages_?dir|tox_?work_?dir|work_?dir|temp_?dir|dist_?dir)\}[^\s"']{0,200}["']?(?=\s|$)/g

/** A command of tox without fields that only tox knows. */
export function plainCommand(line: string): string {
  let text = line.slice(0, 1000)
  // Nested defaults are replaced from the inside out.
  for (let round = 0; round < 4; round++) {
    text = text.replace(/\{(?:posargs|env:\w+):([^{}]*)\}/g, '$1').replace(/\{posargs\}/g, '')
  }
  return text
    .replace(/^- ?/, '')
    .replace(OF_TOX, '')
    .replace(/\{posargs\}|\{env:\w{1,60}:?\}|\[\]/g, '')
    .replace(/\{(?:toxinidir|tox_root|changedir)\}\/?/g, './')
    .replace(/\{envpython\}/g, 'python3')
    .replace(/\{envbindir\}\//g, '')
    .replace(/\{\/\}/g, '/')
    .replace(/\s+/g, ' ')
    .trim()
}
