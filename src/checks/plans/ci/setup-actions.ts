import { isRecord } from '../../../text/is-record.ts'
import type { Language } from '../../environment/installed-toolchains.ts'

/** Actions that install a language, and the input that names its version. */
const ACTIONS: readonly (readonly [action: RegExp, language: Language, input: string])[] = [
  [/^(?:actions\/setup-node|voidzero-dev\/setup-vp)@/, 'node', 'node-version'],
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
/** Actions that install other tools, with the tool's name and the input. Backspace does not look for installed versions of these. */
const OTHERS: readonly (readonly [action: RegExp, tool: string, input: string])[] = [
  [/^shivammathur\/setup-php@/, 'php', 'php-version'],
  [/^(?:stCarolas\/setup-maven|s4u\/setup-maven-action)@/, 'maven', 'maven-version'],
  [/^actions\/setup-dotnet@/, 'dotnet', 'dotnet-version'],
  [/^subosito\/flutter-action@/, 'flutter', 'flutter-version'],
  [/^dart-lang\/setup-dart@/, 'dart', 'sdk'],
  [/^erlef\/setup-(?:beam|elixir)@/, 'elixir', 'elixir-version'],
  [/^erlef\/setup-(?:beam|elixir)@/, 'erlang', 'otp-version'],
  [/^haskell(?:-actions|\/actions)\/setup@/, 'ghc', 'ghc-version'],
  [/^swift-actions\/setup-swift@/, 'swift', 'swift-version'],
  [/^julia-actions\/setup-julia@/, 'julia', 'version'],
  [/^r-lib\/actions\/setup-r@/, 'r', 'r-version'],
  [/^(?:mlugg|goto-bus-stop)\/setup-zig@/, 'zig', 'version'],
  [/^denoland\/setup-deno@/, 'deno', 'deno-version'],
  [/^(?:ocaml\/setup-ocaml)@/, 'ocaml', 'ocaml-compiler'],
  [/^hashicorp\/setup-terraform@/, 'terraform', 'terraform_version'],
]
const VERSION = /^v?\d+(?:\.[\dx*]+)*$/

/** A version that a step of CI installs, as the file writes it. */
export type SetUpVersion = { readonly wanted: string } & (
  | { readonly language: Language }
  | { readonly tool: string }
)

/** The versions that a `uses:` step installs; empty for other actions, and if the action reads the version from a file. */
export function readSetupAction(uses: string, inputs: unknown): readonly SetUpVersion[] {
  const said = (input: string): readonly string[] => {
    const value: unknown = isRecord(inputs) ? inputs[input] : undefined
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
  }
  const known = ACTIONS.find(([action]) => action.test(uses))
  if (known === undefined) {
    const others = OTHERS.filter(([action]) => action.test(uses))
    return others.flatMap(([, tool, input]) => said(input).map((wanted) => ({ tool, wanted })))
  }
  const [, language, input] = known
  const [wanted] = said(input)
  if (wanted !== undefined) return [{ language, wanted }]
  // The tag may be the version: `dtolnay/rust-toolchain@1.75.0`.
  const tag = /^dtolnay\/rust-toolchain@(\d[\d.]*|nightly(?:-[\d-]+)?)$/.exec(uses)?.[1]
  return tag === undefined ? [] : [{ language, wanted: tag }]
}

/** The versions in an input or in the matrix that it refers to: `3.9`, `3.10`. Names such as `lts` and `pypy-3.10` are left out. */
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
