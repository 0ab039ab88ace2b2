/** One setting of git's configuration. */
export interface GitSetting {
  /** Section and key in lower case, without the part in quotes: `submodule.url`. */
  readonly name: string
  /** The part in quotes, as it is: of `[submodule "deps/lib"]`, `deps/lib`; empty without one. */
  readonly of: string
  readonly value: string
}

/** A line: `[section "of"] key = value`, in which the section may have a line of its own. */
const LINE = /^(?:\[([\w.-]+)(?: "([^"\]]*)")?\])?\s*(?:([\w-]+)\s*=\s*(\S.*))?$/
const MOST_LINES = 1000

/** Reads a file such as `.gitmodules` or `.lfsconfig` without git; what is no plain setting is left out. */
export function readGitConfig(text: string): readonly GitSetting[] {
  let section = ''
  let of = ''
  return text.split('\n', MOST_LINES).flatMap((line) => {
    const [, begun, part = '', key, value = ''] = LINE.exec(line.trim().slice(0, 2000)) ?? []
    if (begun !== undefined) [section, of] = [begun.toLowerCase(), part]
    if (key === undefined) return []
    return [{ name: `${section}.${key.toLowerCase()}`, of, value: value.replace(/^"(.*)"$/, '$1') }]
  })
}
