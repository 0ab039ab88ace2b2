import type { Config } from '../config.ts'
import { BackspaceError } from '../errors.ts'
import type { TokenStore } from '../web/access/token-store.ts'

/**
 * Refuses to start a service that others can reach but that would let no one in: with GITHUB_PAT alone there are no
 * webhooks, and without API tokens or a way to sign in no caller is known. Treating callers on this machine as its
 * owner, as on a laptop, would open the service to everyone behind a proxy.
 *
 * @returns what the operator should know about who is let in.
 * @throws {BackspaceError} `config_invalid`, with what to set.
 */
export async function checkReach(
  { github, role, web }: Pick<Config, 'github' | 'role' | 'web'>,
  tokens: Pick<TokenStore, 'any'>,
): Promise<readonly string[]> {
  const { apiTokens, reach } = web
  if (apiTokens.length > 0) {
    return [
      'API_TOKENS open every repository and never expire. `npm run token -- create` makes tokens with repositories, rights and an expiry.',
    ]
  }
  if (role === 'worker' || reach.openToLocal || (await tokens.any())) return []
  if (github.oauth) {
    return web.publicUrl === undefined
      ? [
          'Others can reach this service and people sign in with GitHub, but PUBLIC_URL is not set, so GitHub leads them to the wrong address. Set it to the address of this service as people reach it.',
        ]
      : []
  }
  if (github.app) {
    return [
      `Others can reach this service and there are no API tokens, so it takes signed webhooks only: POST /code and the pages are closed. Let people sign in with GitHub (GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET), or make a token: ${MAKE_ONE}`,
    ]
  }
  // The setup page then opens for those who can read the terminal.
  if (!github.pat) return []
  throw new BackspaceError(
    'config_invalid',
    `HOST or PUBLIC_URL says that others can reach this service, but there are no API tokens, so no one could use it. Let people sign in with GitHub (GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET), or make a token: ${MAKE_ONE}. If only this machine can reach it, leave HOST at 127.0.0.1 and PUBLIC_URL empty; to let every caller on this machine in without a token, set BACKSPACE_TRUST_LOCAL_CALLERS=yes.`,
  )
}

const MAKE_ONE = 'npm run token -- create --name me --repositories "owner/*"'
