import {
  AuthenticationError,
  SandboxError as E2bError,
  InvalidArgumentError,
  NotEnoughSpaceError,
  NotFoundError,
  RateLimitError,
  SandboxNotFoundError,
  ServiceBusyError,
} from 'e2b'
import { SandboxError } from '../sandbox.ts'

/** Whether another attempt may succeed, because the service is busy or failed internally. */
export function isPassing(error: unknown): boolean {
  if (error instanceof RateLimitError || error instanceof ServiceBusyError) return true
  const status = error instanceof E2bError ? error.statusCode : undefined
  return status !== undefined ? status >= 500 : isConnectionFailure(error)
}

/** Says why E2B created no sandbox, and what to do about it. */
export function explainCreateFailure(error: unknown, template: string): SandboxError {
  return new SandboxError('unavailable', createFailureText(error, template), { cause: error })
}

function createFailureText(error: unknown, template: string): string {
  if (error instanceof AuthenticationError) {
    return 'E2B refused the API key. Set E2B_API_KEY to a key from https://e2b.dev/dashboard?tab=keys.'
  }
  if (error instanceof RateLimitError) {
    return 'E2B has no capacity for another sandbox: the limit of the plan is reached. Try again later, or raise the limit.'
  }
  const status = error instanceof E2bError ? error.statusCode : undefined
  if (status === 404) {
    return `E2B has no template “${template}” for this API key. Set E2B_TEMPLATE to an existing one, such as base.`
  }
  if (status === 403)
    return 'E2B does not allow this API key to create sandboxes. Check the plan and its billing.'
  if (status === 400 && error instanceof Error) {
    return `E2B refused to create the sandbox: ${error.message.slice(0, 300)}`
  }
  if (isConnectionFailure(error))
    return 'E2B is unreachable. Check the network, E2B_API_URL and E2B_SANDBOX_URL.'
  return 'E2B could not create a sandbox. Try again; if it keeps failing, see https://status.e2b.dev.'
}

/**
 * The error that a sandbox itself reports about a request; undefined for every failure that says nothing about the
 * request.
 */
export function explainDefinite(error: unknown, path: string | undefined): SandboxError | undefined {
  if (error instanceof NotEnoughSpaceError) {
    const what = `${path ?? 'The file'} could not be written: the disk of the sandbox is full.`
    return new SandboxError('no_space', what, { cause: error })
  }
  if (path === undefined) return undefined
  if (error instanceof NotFoundError && !(error instanceof SandboxNotFoundError)) {
    return new SandboxError('path_not_found', `${path} does not exist.`, { cause: error })
  }
  if (error instanceof InvalidArgumentError) {
    return new SandboxError('path_not_found', `${path} is not a regular file.`, { cause: error })
  }
  return undefined
}

/** Explains that the shell found no perl for Backspace's own script; undefined if that is not what it said. */
export function explainMissingPerl(stderr: string): SandboxError | undefined {
  if (!/\bperl\b/.test(stderr)) return undefined
  return new SandboxError(
    'unavailable',
    'The E2B template has no perl, which Backspace needs. Install perl-base.',
  )
}

/** Whether it is useless to ask again because the key or the token is refused. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AuthenticationError
}

/** Explains a failed call to the account: `gone` if there is no such sandbox, else E2B does not answer. */
export function explainAccountFailure(error: unknown): SandboxError {
  if (error instanceof SandboxError) return error
  if (error instanceof SandboxNotFoundError) {
    return new SandboxError(
      'gone',
      'There is no such E2B sandbox: it was ended, or reached its time limit.',
      {
        cause: error,
      },
    )
  }
  return new SandboxError('unreachable', 'E2B does not answer.', { cause: error })
}

function isConnectionFailure(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    (error instanceof Error && /fetch failed|ECONN|ENOTFOUND/.test(error.message))
  )
}
