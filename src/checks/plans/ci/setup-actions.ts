import { isRecord } from '../../../text/is-record.ts'
import type { Language } from '../../environment/installed-toolchains.ts'

/** Actions that install a language, and the input that names its version. */
const ACTIONS: readonly (readonly [action: RegExp, language: Language, input: string])[] = [
  [/^actions\/setup-node@/, 'node', 'node-version'],
  [/^actions\/setup-python@/, 'python', 'python-version'],
  [/^astral-sh\/setup-uv@/, 'python', 'python-version'],
  [/^actions\/setup-go@/, 'go', 'go-version'],
  [/^actions\/setup-java@/, 'java', 'java-version'],
  [/^graalvm\/setup-graalvm@/, 'java', 'java-version'],
  [/^ruby\/setup-ruby@/, 'ruby', 'ruby-version'],
  [
    /^(?:dtolnay\/rust-toolchain|actions-rust-lang\/setup-rust-toolchain|actions-rs\/toolchain)@/,
    'rust',
    'toolchain',
  ],
]
const VERSION = /^v?\d+(?:\.[\dx*]+)*$/

/** The version that a `uses:` step installs, as written; undefined for other actions and for those that read a file. */
export function readSetupAction(
  uses: string,
  inputs: unknown,
): { readonly language: Language; readonly wanted: string } | undefined {
  const known = ACTIONS.find(([action]) => action.test(uses))
  if (known === undefined) return undefined
  const [, language, input] = known
  const said: unknown = isRecord(inputs) ? inputs[input] : undefined
  if (typeof said === 'string' || typeof said === 'number') return { language, wanted: String(said) }
  // `dtolnay/rust-toolchain@1.75.0`
  const tag = /^dtolnay\/rust-toolchain@(\d[\d.]*|nightly(?:-[\d-]+)?)$/.exec(uses)?.[1]
  return tag === undefined ? undefined : { language, wanted: tag }
}

/** The versions of an input, in the values of a matrix: `3.9`, `3.10`. Names such as `lts` and `pypy-3.10` are none. */
export function versionsOf(wanted: string, matrix: unknown): readonly string[] {
  const [, key = ''] = /^\$\{\{ ?matrix\.([\w-]+) ?\}\}$/.exec(wanted.trim()) ?? []
  const values = key !== '' && isRecord(matrix) ? listOf(matrix, key) : wanted.split(/\s+/)
  return values.map(String).filter((value) => VERSION.test(value))
}

function listOf(matrix: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const own = matrix[key]
  const included = Array.isArray(matrix.include) ? matrix.include.slice(0, 50) : []
  return [
    ...(Array.isArray(own) ? own.slice(0, 50) : []),
    ...included.flatMap((one: unknown) => (isRecord(one) && one[key] !== undefined ? [one[key]] : [])),
  ]
}
