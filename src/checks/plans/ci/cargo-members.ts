import type { Folder } from '../../project.ts'
import { readToml, stringsIn, valueAt } from '../read-manifest.ts'
import { cargoForm } from './cargo-form.ts'
import type { SaidLine } from './said-lines.ts'

const MOST_MEMBERS = 8
/** A command that tests one package, or the package of its folder, with nothing that only this package has. */
const ONE_PACKAGE = /^cargo test(?: (?:-p|--package) ([\w-]{1,64}))?(?: --all-features)?$/

/**
 * The packages of a workspace that CI tests by commands of their own, `cargo test -p a`, in the job that first tests the
 * package at its root: there, `cargo test` leaves them out. The first name is that of the root; empty if CI tests none.
 */
export async function packagesBesideRoot(
  folder: Folder,
  ci: readonly SaidLine[],
): Promise<readonly string[]> {
  const manifest = readToml(await folder.read('Cargo.toml'))
  const root = valueAt(manifest, ['package', 'name'])
  if (typeof root !== 'string' || manifest.workspace === undefined) return []
  const tests = ci.filter(
    ({ ecosystem, role, needsMore }) => ecosystem === 'Rust' && role === 'test' && !needsMore,
  )
  const isRoot = (line: SaidLine) =>
    line.folder === folder.name && /^cargo test(?! .*(?:-p|--package|--workspace) )/.test(commandOf(line))
  const first = tests.find((line) => isRoot(line) && cargoForm(line)?.isWhole === true)
  if (first === undefined) return []
  const excluded = stringsIn(manifest.workspace, ['exclude'])
  const start = folder.name === '' ? '' : `${folder.name}/`
  const names = new Set([root])
  for (const line of tests) {
    if (line.job !== first.job || line.file !== first.file) continue
    const [said, named] = ONE_PACKAGE.exec(commandOf(line)) ?? []
    if (said === undefined) continue
    if (line.folder === folder.name) {
      if (named !== undefined) names.add(named)
    } else if (line.folder.startsWith(start) && names.size <= MOST_MEMBERS) {
      const inner = line.folder.slice(start.length)
      const member = readToml(await folder.read(`${inner}/Cargo.toml`))
      const name = valueAt(member, ['package', 'name'])
      const isOut = excluded.some((path) => inner === path || inner.startsWith(`${path}/`))
      if (typeof name === 'string' && /^[\w-]{1,64}$/.test(name) && member.workspace === undefined && !isOut)
        names.add(named ?? name)
    }
  }
  return names.size === 1 ? [] : [...names].slice(0, MOST_MEMBERS + 1)
}

function commandOf(line: SaidLine): string {
  return cargoForm(line)?.command ?? ''
}

/** Adds the packages that a plan tests, `cargo test -p a -p b`, to a command that would only test the one at the root. */
export function withPackages(command: string, checks: readonly string[]): string {
  const named = /^cargo test((?: -p [\w-]{1,64}){2,9})$/.exec(checks[0] ?? '')?.[1]
  const [, options] =
    /^cargo test((?: --(?:all-features|all-targets|release|no-fail-fast|features [\w,/-]{1,200}))*)$/.exec(
      command,
    ) ?? []
  return named === undefined || options === undefined ? command : `cargo test${named}${options}`
}
