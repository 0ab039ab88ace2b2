import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'

/** A small repository, a request, and the one right answer. */
export interface Fixture {
  /** Of the file, and of the repository. */
  readonly name: string
  /** What makes it hard. */
  readonly kind: string
  /** Programs that must be on this machine. */
  readonly needs: readonly string[]
  readonly files: Readonly<Record<string, Uint8Array>>
  /** Path to target. */
  readonly symlinks: Readonly<Record<string, string>>
  readonly executable: readonly string[]
  /** Paths whose lines end in CR LF. */
  readonly crlf: readonly string[]
  readonly issue: { readonly title: string; readonly body?: string }
  /** Regular expression that finds the place in question. */
  readonly clue: string
  /** What is read although it is not changed. */
  readonly reads: readonly string[]
  readonly gold: Gold
  /** Command to its verdicts: before, and after when something is changed. */
  readonly checks: Readonly<Record<string, readonly Verdict[]>>
  /** Why the pull request of the right change is a draft; absent if it is none. */
  readonly draft?: string | undefined
  /** Texts that the model must have been shown by the end. */
  readonly sees: readonly string[]
  readonly seesImage: boolean
  /** Whether its change is verified in clean sandboxes as well. */
  readonly verified: boolean
}

export type Verdict = 'passes' | 'fails'

/** A change, an answer, or a question. */
export interface Gold {
  readonly answer?: string
  readonly question?: string
  readonly edit: Readonly<Record<string, readonly GoldEdit[]>>
  readonly write: Readonly<Record<string, string>>
  readonly rename: Readonly<Record<string, string>>
  readonly delete: readonly string[]
  readonly executable: readonly string[]
  /** The real place of an edited path, when a link leads to it. */
  readonly at: Readonly<Record<string, string>>
}

export type GoldEdit = readonly [from: string, to: string, all?: 'all']

type Content =
  | string
  | { readonly base64: string }
  | readonly (string | { readonly repeat: string; readonly times: number })[]

/** As the YAML file has it: a missing field is empty. */
type Written = Partial<Omit<Fixture, 'name' | 'files' | 'gold'>> &
  Pick<Fixture, 'kind' | 'issue' | 'clue' | 'checks'> & {
    readonly language: string
    readonly files: Readonly<Record<string, Content>>
    /** Paths that begin with a byte order mark. */
    readonly bom?: readonly string[]
    readonly gold: Partial<Gold>
  }

const NEEDS: Readonly<Record<string, readonly string[]>> = {
  python: ['python3'],
  go: ['go'],
  rust: ['cargo', 'cc'],
}
const DIRECTORY = join(import.meta.dirname, '../fixtures/repositories')

/** Every fixture repository, by name. */
export function readFixtures(): readonly Fixture[] {
  return readdirSync(DIRECTORY)
    .sort()
    .map((file) => toFixture(basename(file, '.yaml'), parse(readFileSync(join(DIRECTORY, file), 'utf8'))))
}

function toFixture(name: string, written: Written): Fixture {
  const { language, files, crlf = [], bom = [], gold, ...rest } = written
  const bytes = ([path, content]: [string, Content]): [string, Uint8Array] => [
    path,
    toBytes(content, { crlf: crlf.includes(path), bom: bom.includes(path) }),
  ]
  return {
    symlinks: {},
    executable: [],
    reads: [],
    sees: [],
    seesImage: false,
    verified: true,
    ...rest,
    name,
    crlf,
    needs: [...(NEEDS[language] ?? []), ...(written.needs ?? [])],
    files: Object.fromEntries(Object.entries(files).map(bytes)),
    gold: { edit: {}, write: {}, rename: {}, delete: [], executable: [], at: {}, ...gold },
  }
}

function toBytes(
  content: Content,
  { crlf, bom }: { readonly crlf: boolean; readonly bom: boolean },
): Uint8Array {
  if (typeof content === 'object' && 'base64' in content) return Buffer.from(content.base64, 'base64')
  const text = typeof content === 'string' ? content : content.map(repeated).join('')
  return Buffer.from(`${bom ? '\uFEFF' : ''}${crlf ? text.replaceAll('\n', '\r\n') : text}`)
}

function repeated(part: string | { readonly repeat: string; readonly times: number }): string {
  if (typeof part === 'string') return part
  return Array.from({ length: part.times }, (_, index) =>
    part.repeat.replaceAll('{n}', String(index + 1)),
  ).join('')
}
