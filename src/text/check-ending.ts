/**
 * Why a check has no result of its own. Such a check says nothing about the code, unless it was different before the
 * change.
 */
export interface CheckCause {
  /**
   * - `cannot_run`: the program, or something that it needs to start, is missing.
   * - `did_not_end`: it was ended at its time limit.
   * - `not_started`: there was no time left for it.
   */
  readonly kind: 'cannot_run' | 'did_not_end' | 'not_started'
  /**
   * The end of a sentence that begins with the command, without a full stop: `could not run because `jest` is not
   * installed`.
   */
  readonly text: string
}

/** How one run of a check ended. */
export interface EndedCheck {
  readonly exitCode: number
  /** Exit code of a first run on the same files: the check failed, then passed. */
  readonly failedFirst?: number | undefined
  readonly cause?: CheckCause | undefined
}

export type CheckEnding = 'passed' | 'flaky' | 'failed' | CheckCause['kind']

/**
 * How a check ended, in one word. It passed only with exit code 0. Results of older versions have no cause, so it is
 * derived from their exit codes.
 */
export function checkEnding({ exitCode, failedFirst, cause }: EndedCheck): CheckEnding {
  if (failedFirst !== undefined) return 'flaky'
  if (exitCode === 0) return 'passed'
  if (cause) return cause.kind
  if (exitCode === 126 || exitCode === 127) return 'cannot_run'
  return exitCode === 124 ? 'did_not_end' : 'failed'
}

/** How a check ended, to follow its command: `failed (exit code 1)`, `could not run because … (exit code 127)`. */
export function checkText(check: EndedCheck): string {
  const { exitCode, failedFirst, cause } = check
  const code = `(exit code ${exitCode})`
  switch (checkEnding(check)) {
    case 'passed':
      return 'passed'
    case 'flaky':
      return `flaky: failed (exit code ${failedFirst}), then passed on the same files`
    case 'failed':
      return `failed ${code}`
    case 'cannot_run':
      return `${cause?.text ?? 'could not run'} ${code}`
    case 'did_not_end':
      return `${cause?.text ?? 'did not end'} ${code}`
    case 'not_started':
      return cause?.text ?? 'was not started'
  }
}

/** What people can do about a check without a result. */
export function checkAdvice(kind: CheckCause['kind']): string {
  switch (kind) {
    case 'cannot_run':
      return 'Set `setup:` in `.github/backspace.yml` to what installs it, or `checks:` to another command.'
    case 'did_not_end':
      return 'Set `checks:` in `.github/backspace.yml` to a command that ends, or `check-minutes:` if it needs longer.'
    case 'not_started':
      return 'Set fewer or faster `checks:` in `.github/backspace.yml`.'
  }
}
