import { knownError } from '../errors.ts'
import type { Logger } from './logger.ts'

/** Takes what went wrong beside the main road: a chore, a comment that could not be written. */
export type LogError = (error: unknown, facts?: object) => void

/** What we understand is a warning that says what to do; anything else is an error that needs a developer. */
export function createLogError(logger: Pick<Logger, 'warn' | 'error'>): LogError {
  return (error, facts = {}) => {
    const known = knownError(error)
    if (known) logger.warn({ err: error, ...facts }, known.userMessage)
    else logger.error({ err: error, ...facts }, 'internal error')
  }
}
