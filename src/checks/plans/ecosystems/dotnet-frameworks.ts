import { type XmlElement, xmlElements } from './xml-elements.ts'

/** Target frameworks that only Windows runs: .NET Framework (without Mono), and those with a user interface of Windows. */
const OF_WINDOWS = /^net[1-4]\d{1,2}$|-windows/
/** Target frameworks that Linux runs: `net8.0`, `netcoreapp3.1`. */
const OF_LINUX = /^net(?:coreapp)?(\d{1,2})\.\d$/
const ON_WINDOWS = /Windows_NT|IsOSPlatform\(['"]?Windows/i
const NOT_WINDOWS = /!\s{0,9}\$?\(?\[MSBuild\]|!=\s{0,9}'?Windows_NT/i
/** Whether a property is set: `'$(TestFrameworks)' == ''`. */
const IF_SET = /'\$\((\w{1,80})\)'\s{0,9}([!=]=)\s{0,9}''/
/** Whether a property has a value: `'$(Configuration)' == 'Release'`. */
const IF_VALUE = /^\s{0,9}'\$\((\w{1,80})\)'\s{0,9}([!=]=)\s{0,9}'([\w.-]{1,80})'\s{0,9}$/
/** What the tool sets if nothing is said. */
const DEFAULTS = [['Configuration', 'Debug']] as const
const LONGEST = 500

export type LinuxFramework =
  /** Linux runs every framework that the project names, as far as its files show. */
  | { readonly kind: 'any' }
  /** Linux runs only some of the frameworks; `name` is the newest of these. */
  | { readonly kind: 'one'; readonly name: string }
  | { readonly kind: 'none' }

/**
 * Tells which frameworks of a project Linux runs.
 *
 * @param files texts of each `Directory.Build.props` around the project, the outermost first, and then of its own file.
 */
export function linuxFramework(files: readonly (string | undefined)[]): LinuxFramework {
  const all = frameworksOf(files.flatMap(xmlElements))
  if (!all.some((one) => OF_WINDOWS.test(one))) return { kind: 'any' }
  const versionOf = (one: string) => Number(OF_LINUX.exec(one)?.[1] ?? 0)
  const [name] = all.filter((one) => OF_LINUX.test(one)).toSorted((a, b) => versionOf(b) - versionOf(a))
  return name === undefined ? { kind: 'none' } : { kind: 'one', name }
}

/** The frameworks of the last property that holds on Linux, with the values of other properties filled in. */
function frameworksOf(elements: readonly XmlElement[]): readonly string[] {
  const properties = new Map<string, string>(DEFAULTS)
  let last = ''
  for (const { path, text, condition } of elements) {
    const [, name] = /\/PropertyGroup\/(\w{1,80})$/.exec(path) ?? []
    if (name === undefined || !holds(condition, properties)) continue
    const value = text
      .replace(/\$\((\w{1,80})\)/g, (whole, other: string) => properties.get(other) ?? whole)
      .slice(0, LONGEST)
    properties.set(name, value)
    if (/^TargetFrameworks?$/.test(name)) last = value
  }
  return last.split(';').map((one) => one.trim())
}

/** Whether a condition holds on Linux, as far as it is known. */
function holds(condition: string, properties: ReadonlyMap<string, string>): boolean {
  if (ON_WINDOWS.test(condition) && !NOT_WINDOWS.test(condition)) return false
  const [, property = '', compared, wanted] = IF_VALUE.exec(condition) ?? []
  const value = properties.get(property)
  if (value !== undefined && (compared === '==') !== (value === wanted)) return false
  const [, name = '', sign] = IF_SET.exec(condition) ?? []
  return sign === undefined || (sign === '!=') === ((properties.get(name) ?? '') !== '')
}
