import type { Run } from '../../runs/run.ts'

const MAX_SLUG = 40

/**
 * The branch of a run: `backspace/42-fix-login-1a2b3c4d`, or `backspace/code-fix-login-1a2b3c4d` without a thread.
 * Whatever the title holds, only letters, digits and single hyphens get into it.
 */
export function branchName({ id, request }: Pick<Run, 'id' | 'request'>, title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '')
  const shortId = id
    .replace(/[^0-9a-z]/gi, '')
    .slice(0, 8)
    .toLowerCase()
  return `backspace/${request.thread?.number ?? 'code'}-${slug || 'change'}-${shortId}`
}
