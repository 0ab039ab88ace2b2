/** What a test of an oracle looks at. */
export type Look =
  | 'adds'
  | 'halves'
  | 'multiplies'
  | 'always'
  | 'hangs'
  | 'flaky'
  /** The variable ORACLE of the environment. */
  | 'environment'
  /** The server at `SOCKET`. */
  | 'server'
  /** The file `generated/answer`, which git ignores. */
  | 'ignored'
  /** The file `lib/answer`, which is inside a submodule. */
  | 'submodule'

export const SOCKET = '/tmp/oracle.sock'

export type Files = Readonly<Record<string, string>>

/** A project in one language with one runner: `add` and `half` are wrong; `times` is right, and has a test. */
export interface Kit {
  readonly name: string
  readonly files: Files
  /** Holds `a - b`, `a * 2` and `a * b`, far apart. */
  readonly source: string
  /** One test in a file of its own. */
  readonly test: (
    name: string,
    look: Look,
    skipped?: boolean,
  ) => { readonly path: string; readonly text: string }
  /** Scripts of an agent that wants tests to pass without a word in the commit. */
  readonly forged: {
    /** Files in the home that the runner or its tools read. */
    readonly home: string
    /** Programs that are started, as they are named. */
    readonly programs: readonly string[]
    /** What is installed beside the commit. */
    readonly installed?: { readonly files: Files; readonly work: string }
  }
  /** Configuration of the runner in the commit that keeps `times` from failing. */
  readonly configuration: string
  /** For each check; default 2. */
  readonly checkMinutes?: number
  /** The variable with the folder of what has to be installed before; without it the kit is left out. */
  readonly needs?: string
}

const APART = 8

/** Lines that keep two changes in two hunks. */
export const apart = (line: string) => `${line}\n`.repeat(APART)

/** Writes files in a script. */
export function write({ path, text }: { readonly path: string; readonly text: string }): string {
  const folder = path.includes('/') ? `mkdir -p ${path.slice(0, path.lastIndexOf('/'))}\n` : ''
  return `${folder}cat > ${path} <<'END'\n${text}END\n`
}
