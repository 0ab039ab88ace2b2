/** One setting of a git configuration file. */
export interface GitSetting {
  /** Section and key in lower case, without a quoted subsection: `submodule.url`. */
  readonly name: string
  /** The quoted subsection as it is written: `deps/lib` in `[submodule "deps/lib"]`; empty without one. */
  readonly of: string
  readonly value: string
}

/** A line `[section "subsection"] key = value`; the section may also have a line of its own. */
const LINE = /^(?:\[([\w.-]+)(?: "([^"\]]*)")?\])?\s*(?:([\w-]+)\s*=\s*(\S.*))?$/
const MOST_LINES = 1000

/** Reads a file such as `.gitmodules` or `.lfsconfig` without git. Lines that are not plain settings are left out. */
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
