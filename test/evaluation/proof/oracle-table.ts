import type { Reporter, TestCase } from 'vitest/node'
import { KITS } from './kits.ts'
import type { OracleCase, Said } from './oracle-case.ts'

/** What an oracle should say, and what was said, in words for one cell of a table. */
interface OracleRow {
  readonly kit: string
  readonly name: string
  readonly sandbox: string
  readonly expected: string
  /** Undefined if nothing was said. */
  readonly actual?: string | undefined
}

declare module 'vitest' {
  interface TaskMeta {
    oracle?: OracleRow
  }
}

/** The wanted parts of what was said: `checks passes · held add, half`. */
export function inWords(said: Partial<Said>, wanted: OracleCase['says']): string {
  const parts = Object.keys(wanted).map((key) => {
    const value: unknown = said[key as keyof Said]
    return `${key} ${Array.isArray(value) ? value.join(', ') || 'none' : String(value)}`
  })
  if (said.isOutOfTime === true) parts.push('no time to try every hunk')
  return parts.join(' · ')
}

const MOST_CHARS = 400

/** Prints one row of a Markdown table for each oracle, and at the end how many of each language were right. */
export class OracleTable implements Reporter {
  readonly #counts = new Map<string, { right: number; all: number }>()

  onTestRunStart(): void {
    print('| language | case | sandbox | expected | said, if other words | right | seconds |')
    print('|---|---|---|---|---|---|---|')
  }

  onTestCaseResult(testCase: TestCase): void {
    const { oracle } = testCase.meta()
    const { state, errors } = testCase.result()
    if (state === 'skipped' || oracle === undefined) return
    const isRight = state === 'passed'
    const { kit, name, sandbox, expected, actual = errors?.[0]?.message ?? '' } = oracle
    const seconds = Math.round((testCase.diagnostic()?.duration ?? 0) / 1000)
    print(
      `| ${[kit, name, sandbox, expected, actual === expected ? '' : actual, isRight ? '✓' : '✗', String(seconds)].map(cell).join(' | ')} |`,
    )
    const key = `${kit}, ${sandbox}`
    const { right, all } = this.#counts.get(key) ?? { right: 0, all: 0 }
    this.#counts.set(key, { right: right + (isRight ? 1 : 0), all: all + 1 })
  }

  onTestRunEnd(): void {
    print('')
    const names = [...new Set(KITS.map((kit) => kit.name))].join(', ')
    if (this.#counts.size === 0) print(`Nothing was tried: no oracle of that name. Languages: ${names}`)
    for (const [key, { right, all }] of this.#counts) print(`${key}: ${right} of ${all} as expected`)
  }
}

function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
  return line.length > MOST_CHARS ? `${line.slice(0, MOST_CHARS)}…` : line
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
