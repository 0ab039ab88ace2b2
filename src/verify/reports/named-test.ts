/** One test in a machine report. Names come from code of the repository, so they are untrusted. */
export interface NamedTest {
  /** Stable between runs and unique in its run; begins with file, package or class: `test/a.js > adds > zero`. */
  readonly name: string
  /** Path relative to the root of the repository, if the report has it. */
  readonly file?: string | undefined
  /** A test that is expected to fail counts as skipped. */
  readonly status: TestStatus
}

export type TestStatus = 'passed' | 'failed' | 'skipped'

/** The contents of a report. `printed` is a text for people that replaces the output, if the output is the report. */
export type ReportReading = (ReadTests | Unreadable) & { readonly printed?: string | undefined }

interface ReadTests {
  readonly tests: readonly NamedTest[]
  /** Names of tests that `tests` lists as failed but that also passed in the same run, because the runner repeats them. */
  readonly mixed: readonly string[]
}

interface Unreadable {
  /** Completes the sentence "the names of its tests cannot be read: …". */
  readonly problem: string
  /** True if there is no report at all, so the tests did not run. */
  readonly isAbsent?: boolean | undefined
}

/** Where a report was written, to remove from its names the parts that differ between sandboxes. */
export interface ReportPlace {
  /** Absolute path of the workspace inside the sandbox. */
  readonly root: string
  /** Folder in which the command ran, relative to the workspace; empty for the workspace itself. */
  readonly folder: string
}

export interface TestList {
  /**
   * @param test.path file, suites and the test's own name, outermost first; empty and repeated parts are left out.
   * @param test.file the path in the report: absolute, or relative to the folder of the command.
   */
  add(test: {
    readonly path: readonly (string | undefined)[]
    readonly file?: string | undefined
    readonly status: TestStatus
  }): void
  reading(): ReportReading
}

const MAX_TESTS = 50_000
const MAX_NAME = 1_000
/** Characters of all names and files of one report; usually a test has about 100. */
const MAX_CHARACTERS = 4 * 1024 * 1024
/** The most nested suites, since the size of a report must bound the work on it. */
const MAX_PARTS = 20
const MAX_PART = 600

const RANK = { passed: 1, failed: 2, skipped: 0 } as const

/** Collects the tests of one report. A repeated name is the same test, which failed if it failed once. */
export function createTestList(place: ReportPlace): TestList {
  const found = new Map<string, { readonly file: string | undefined; statuses: Set<TestStatus> }>()
  let tooMany = false
  let characters = 0
  return {
    add({ path, file: reported, status }) {
      const file = reported === undefined ? undefined : relativeFile(reported, place)
      const name = stableName([file, ...path], place)
      const known = found.get(name)
      if (known !== undefined) known.statuses.add(status)
      else if (found.size === MAX_TESTS) tooMany = true
      else if (characters <= MAX_CHARACTERS) {
        characters += name.length + (file?.length ?? 0)
        found.set(name, { file, statuses: new Set([status]) })
      }
    },
    reading() {
      if (tooMany) return { problem: `there are more than ${MAX_TESTS.toLocaleString('en')} of them` }
      if (characters > MAX_CHARACTERS) return { problem: 'their names are longer than 4 MiB together' }
      const entries = [...found]
      return {
        tests: entries.map(([name, { file, statuses }]) => ({ name, file, status: worstOf(statuses) })),
        mixed: entries.flatMap(([name, { statuses }]) =>
          statuses.has('failed') && statuses.has('passed') ? [name] : [],
        ),
      }
    },
  }
}

function worstOf(statuses: ReadonlySet<TestStatus>): TestStatus {
  return [...statuses].reduce((worst, status) => (RANK[status] > RANK[worst] ? status : worst), 'skipped')
}

/** The path relative to the root of the repository. */
function relativeFile(reported: string, { root, folder }: ReportPlace): string {
  const path = reported
    .slice(0, MAX_PART)
    .replace(/^file:\/\//, '')
    .replaceAll('\\', '/')
  if (path.startsWith(`${root}/`)) return path.slice(root.length + 1)
  if (path.startsWith('/')) return path
  const inFolder = path.replace(/^(?:\.\/)+/, '')
  return folder === '' || inFolder.startsWith('../') ? inFolder : `${folder}/${inFolder}`
}

function stableName(parts: readonly (string | undefined)[], { root }: ReportPlace): string {
  const kept: string[] = []
  for (const part of [...parts.slice(0, MAX_PARTS), ...parts.slice(MAX_PARTS).slice(-1)]) {
    const clean = stablePart(part ?? '', root)
    if (clean !== '' && clean !== kept.at(-1)) kept.push(clean)
  }
  const name = kept.join(' > ') || '(no name)'
  return name.length <= MAX_NAME ? name : `${wellFormed(name.slice(0, MAX_NAME - 20))}… ${shortHash(name)}`
}

/** A part of a name on one line, without paths of the sandbox and addresses of objects. */
function stablePart(part: string, root: string): string {
  return wellFormed(part.slice(0, MAX_PART))
    .replaceAll(`${root}/`, '')
    .replace(CONTROL, ' ')
    .replace(/\b0x[0-9a-f]{6,16}\b/gi, '0x…')
    .replace(/ {2,}/g, ' ')
    .trim()
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g

/** Replaces half a character, which a cut may have left. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

/** FNV-1a, to distinguish long names with the same start. A repository could force a collision, but also write equal names. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16)
}
