import { readdir, readFile } from 'node:fs/promises'

/** One public repository of the index, and what a maintainer would run in it. Made by people, not by our detection. */
export interface Truth {
  /** `owner/name` on GitHub. */
  readonly name: string
  readonly commit: string
  /** Languages, managers of packages and runners: rows of the table. The first one is the language. */
  readonly ecosystems: readonly string[]
  /** Empty if it has no tests. */
  readonly projects: readonly ProjectTruth[]
}

export interface ProjectTruth {
  /** Empty for the root. */
  readonly folder: string
  /**
   * Ways that install what the tests need and run all of them that run without services: `-e .[test] => pytest | tox`.
   * Left: parts of the set-up that must be there, each with `&`, alternatives with `|`; `-` if nothing is needed;
   * `service: redis` if the run must say that it is missing. Right:
   * normalised commands, one must be run; `@web test` in another folder, `@ test` at the root. `*` is any text.
   */
  readonly ways: readonly string[]
  /** Ways that run a part of the tests that is worth having. */
  readonly parts?: readonly string[] | undefined
  /** Right without it, and no fault with it. */
  readonly optional?: true | undefined
}

const INDEX = new URL('index/', import.meta.url)

/** The whole index, by name. */
export async function readIndex(): Promise<readonly Truth[]> {
  const files = (await readdir(INDEX)).filter((file) => file.endsWith('.json'))
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, INDEX), 'utf8')))
  const truths = texts.flatMap((text) => JSON.parse(text) as readonly Truth[])
  return truths.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
}

/** A way, read. */
export interface Way {
  /** Alternatives, each with all parts that the set-up must have; none if nothing is needed. */
  readonly setups: readonly (readonly RegExp[])[]
  /** Normalised; in the project's folder if none is named. */
  readonly commands: readonly { readonly folder: string | undefined; readonly pattern: RegExp }[]
}

/** @throws {Error} if it has not two sides. */
export function readWay(text: string): Way {
  const [left, right, ...rest] = text.split(' => ').map((side) => side.trim())
  if (!left || !right || rest.length > 0) throw new Error(`This is no way: ${text}`)
  const setups = left.split(' | ').map((one) => one.split(' & ').map((part) => globOf(part.trim())))
  return {
    setups: left === '-' ? [] : setups,
    commands: right.split(' | ').map((one) => {
      const [, folder, command = one] = /^@(\S*) (.*)$/.exec(one.trim()) ?? []
      return { folder, pattern: new RegExp(`^${globOf(command.trim()).source}$`) }
    }),
  }
}

function globOf(text: string): RegExp {
  return new RegExp(text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^\\n]*'))
}
