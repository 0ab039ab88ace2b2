/** Sections of an INI file by name, each with its values by key. Values of several lines keep their line breaks. */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, string>>

const MAX_CHARACTERS = 64 * 1024

/** Reads setup.cfg and tox.ini like Python's configparser: indented lines continue a value, `#` and `;` start comments. */
export function readIni(text: string | undefined): IniFile {
  const sections = new Map<string, Map<string, string>>()
  if (text === undefined || text.length > MAX_CHARACTERS) return sections
  let section = new Map<string, string>()
  let key: string | undefined
  const lines = new Map<string, string[]>()
  const close = () => {
    if (key !== undefined) section.set(key, (lines.get(key) ?? []).join('\n').trim())
    key = undefined
  }
  for (const line of text.split('\n')) {
    const content = line.replace(/(?:^|\s)[#;].*$/, '').trimEnd()
    if (content.trim() === '') continue
    const isDeeper = /^\s/.test(content)
    if (isDeeper && key !== undefined) {
      lines.get(key)?.push(content.trim())
      continue
    }
    close()
    const name = /^\[([^\]]{1,200})\]/.exec(content)?.[1]
    if (name !== undefined) {
      section = sections.get(name.trim()) ?? new Map()
      sections.set(name.trim(), section)
      lines.clear()
      continue
    }
    const at = content.search(/[=:]/)
    if (at === -1) continue
    key = content.slice(0, at).trim().toLowerCase()
    lines.set(key, [content.slice(at + 1).trim()])
  }
  close()
  return sections
}

/** The lines of a value, without empty ones; empty if there is no such key. */
export function iniList(file: IniFile, section: string, key: string): readonly string[] {
  const value = file.get(section)?.get(key) ?? ''
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
