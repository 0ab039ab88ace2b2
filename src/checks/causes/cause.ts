import { inlineCode } from '../../text/markdown/fenced.ts'

/** Why a command of the repository failed. */
export interface Cause {
  readonly kind: CauseKind
  /** One clause without a full stop, safe as Markdown: ``there is no `left-pad@^99` in the registry``. */
  readonly text: string
  /** What to do, one sentence; empty if the clause says it. */
  readonly advice: string
}

/** Why a command failed, by what can be done about it. */
export type CauseKind =
  | 'network'
  | 'package'
  | 'conflict'
  | 'access'
  | 'lock_file'
  | 'version'
  | 'program'
  | 'library'
  | 'manifest'
  | 'script'
  | 'disk'
  | 'memory'
  | 'time'
  | 'other'

/** A rule that recognises a cause by one line of output. */
export interface CauseRule {
  readonly kind: CauseKind
  /**
   * Matched against one line without colours and of at most 600 characters. Its groups become the arguments
   * of `say`.
   */
  readonly line: RegExp
  /** Names come from untrusted output: show them with `named`. */
  readonly say: (...groups: readonly string[]) => Omit<Cause, 'kind'>
}

/** A name from a tool's output as a code span, so that no Markdown in it has an effect. */
export function named(name: string, maxChars = 80): string {
  return inlineCode(name.trim(), maxChars)
}

/** Advice that many rules share. */
export const ADVICE = {
  setup: 'Set `setup:` in `.github/backspace.yml`.',
  lock: 'Update the lock file and commit it.',
  version:
    'Use a sandbox template with that version, or set `setup:` in `.github/backspace.yml` to what installs it.',
  program:
    'Use a sandbox template that has it, or set `setup:` in `.github/backspace.yml` to what installs it.',
  library: 'Use a sandbox template that has its development files, or a dependency that needs none of them.',
  package:
    'Correct the name or the version. If the package is private, its registry needs an address and access in `setup:`.',
  access:
    'Backspace has no credentials for private packages. Leave them out in `setup:`, or use a sandbox template that has them.',
} as const
