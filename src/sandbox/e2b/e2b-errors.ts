import {
  AuthenticationError,
  SandboxError as E2bError,
  FileNotFoundError,
  InvalidArgumentError,
  NotEnoughSpaceError,
  NotFoundError,
  RateLimitError,
  SandboxNotFoundError,
  ServiceBusyError,
} from 'e2b'
import { SandboxError } from '../sandbox.ts'

/** Whether another attempt may succeed: the service is busy, or had an error of its own. */
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

export interface FailureContext {
  /** Asks E2B whether the sandbox exists; rejects if E2B does not answer. */
  readonly isRunning: () => Promise<boolean>
  /** The requested file. */
  readonly path?: string | undefined
}

/**
 * Classifies a failed call to a sandbox. The SDK's time-out may mean a dead sandbox, a slow command or a lost
 * connection, so this asks E2B whether the sandbox still runs.
 */
export async function explainSandboxFailure(error: unknown, context: FailureContext): Promise<SandboxError> {
  const { path = 'The file' } = context
  if (error instanceof SandboxError) return error
  if (error instanceof SandboxNotFoundError) return gone(error)
  if (error instanceof NotEnoughSpaceError) {
    return new SandboxError('no_space', `${path} could not be written: the disk of the sandbox is full.`, {
      cause: error,
    })
  }
  if (error instanceof FileNotFoundError || (error instanceof NotFoundError && context.path !== undefined)) {
    return new SandboxError('path_not_found', `${path} does not exist.`, { cause: error })
  }
  if (error instanceof InvalidArgumentError && context.path !== undefined) {
    return new SandboxError('path_not_found', `${path} is not a regular file.`, { cause: error })
  }
  const running = await context.isRunning().catch(() => undefined)
  if (running === false) return gone(error)
  return new SandboxError('unreachable', 'The E2B sandbox does not answer.', { cause: error })
}

function gone(cause: unknown): SandboxError {
  return new SandboxError(
    'gone',
    'The E2B sandbox no longer exists: it was ended, or reached its time limit.',
    {
      cause,
    },
  )
}

function isConnectionFailure(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    (error instanceof Error && /fetch failed|ECONN|ENOTFOUND/.test(error.message))
  )
}
