import type { AuditEntry } from '../audit/audit-entry.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Config } from '../config.ts'
import type { GitHubAccess } from '../github/github-access.ts'
import { createTokenKeeper, type TokenEvent, type TokenKeeper } from '../github/token-keeper.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createLazyGitHubAccess } from './load-later.ts'

interface TokenListeners {
  readonly audit: Pick<AuditLog, 'append' | 'note'>
  readonly metrics: Pick<Metrics, 'count'>
  readonly logger: Pick<Logger, 'warn' | 'error'>
}

/** Opens GitHub, with a record of every token that is minted. */
export function openGitHub(
  settings: Config['github'],
  listeners: TokenListeners,
): { readonly github: GitHubAccess; readonly githubTokens: TokenKeeper } {
  const tokens = createTokenKeeper({ apiUrl: settings.apiUrl, report: reportTokens(listeners) })
  return { github: createLazyGitHubAccess({ ...settings, tokens }), githubTokens: tokens }
}

/**
 * Records what becomes of tokens. That a token was minted for a run is stored before the token is used, so nothing is
 * done that cannot be recorded. For tokens of the host the record is not awaited, so that it delays no webhook.
 */
function reportTokens({ audit, metrics, logger }: TokenListeners): (event: TokenEvent) => Promise<void> {
  return async (event) => {
    const { use, type } = event
    metrics.count('backspace_tokens_total', { purpose: use.purpose, event: endOf(event) })
    if (type === 'not_revoked') logFailure(logger, event)
    const entry = entryOf(event)
    if (type === 'minted' && use.runId !== undefined) await audit.append(entry)
    else audit.note(entry)
  }
}

function endOf({ type, final }: TokenEvent): string {
  return type === 'not_revoked' && final ? 'left_to_expire' : type
}

function entryOf({ type, use, hashedToken, expiresAt, tries, final }: TokenEvent): AuditEntry {
  const { purpose, reaches, permissions, runId } = use
  const by = { actor: 'backspace', runId } as const
  const token = { purpose, reaches, hashedToken }
  const expires = expiresAt.toISOString()
  switch (type) {
    case 'minted':
      return { ...by, kind: 'token.minted', facts: { ...token, permissions, expiresAt: expires } }
    case 'revoked':
      return { ...by, kind: 'token.revoked', facts: { ...token, tries } }
    case 'not_revoked':
      return { ...by, kind: 'token.not_revoked', facts: { ...token, tries, final, expiresAt: expires } }
  }
}

function logFailure(
  logger: TokenListeners['logger'],
  { use: { purpose, reaches, runId }, hashedToken, expiresAt, tries, final, error }: TokenEvent,
): void {
  const facts = { err: error, runId, purpose, reaches, hashedToken, expiresAt, tries }
  if (final) logger.error(facts, 'a token could not be revoked: it works until it expires')
  else logger.warn(facts, 'a token could not be revoked yet; Backspace tries again')
}
