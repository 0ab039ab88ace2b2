import type { AuditLog } from '../audit/audit-log.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { GitHubAccess } from '../github/github-access.ts'
import { createGitHubSignIn } from '../github/github-sign-in.ts'
import { createLoginStore } from '../web/access/login-store.ts'
import { createShareStore } from '../web/access/share-store.ts'
import type { WebDeps } from '../web/web-deps.ts'
import { createPersonPermission } from './person-permission.ts'

interface AccessParts {
  readonly db: Database
  readonly github: GitHubAccess
  readonly audit: Pick<AuditLog, 'append'>
  readonly onError: (error: unknown, facts: object) => void
}

type WebAccess = Pick<
  WebDeps,
  | 'permissionOf'
  | 'audienceOf'
  | 'gitHubSignIn'
  | 'record'
  | 'apiTokens'
  | 'operators'
  | 'logins'
  | 'shares'
  | keyof Config['web']['reach']
>

/** What the web app needs to find out who its callers are, and what they may see and do. */
export function createWebAccess(
  { github: settings, web }: Pick<Config, 'github' | 'web'>,
  { db, github, audit, onError }: AccessParts,
): WebAccess {
  const { oauth, apiUrl, webUrl } = settings
  const { apiTokens, operators, reach } = web
  const logins = createLoginStore(db)
  const report = (error: unknown) => onError(error, { doing: 'revoke the token of a sign-in' })
  return {
    ...createPersonPermission(github, (id, login) => logins.rename(`person:${id}`, login)),
    gitHubSignIn: oauth && createGitHubSignIn({ ...oauth, apiUrl, webUrl, onError: report }),
    record: audit.append,
    apiTokens,
    operators,
    logins,
    shares: createShareStore(db),
    ...reach,
  }
}
