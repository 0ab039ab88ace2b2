import type { RunRequest } from '../../runs/run.ts'

/** The GitHub login of the person who asked; undefined for API callers, who are named after their token. */
export function requesterLogin({ trigger, requester }: RunRequest): string | undefined {
  return trigger !== 'code' && /^[A-Za-z0-9][\w-]*$/.test(requester.login) ? requester.login : undefined
}
