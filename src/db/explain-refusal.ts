import { BackspaceError } from '../errors.ts'

/**
 * Turns an error into one that says what to do if the server refuses to let Backspace create tables. Other errors are
 * returned unchanged.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function explainRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === '42501') {
    return new BackspaceError(
      'config_invalid',
      `PostgreSQL says "${error.message}". The user of DATABASE_URL must be allowed to make tables: let it own the database, or grant it CREATE on the database and on schema public.`,
      { cause: error },
    )
  }
  if (error.code === '25006') {
    return new BackspaceError(
      'config_invalid',
      'The PostgreSQL at DATABASE_URL is read only, perhaps because it is a replica. Set DATABASE_URL to the server that is written to.',
      { cause: error },
    )
  }
  return error
}
