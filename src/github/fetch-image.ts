import { readUpTo } from '../text/read-up-to.ts'
import type { GitHubClient } from './github-client.ts'

const MAX_REDIRECTS = 3
const TIMEOUT_MS = 15_000
const IMAGE_HOSTS = ['user-images.githubusercontent.com', 'private-user-images.githubusercontent.com']
/** Hosts that store attachments. GitHub redirects to them, with an address that is valid for minutes. */
const STORES = /^(?:objects\.githubusercontent\.com|github-production-user-asset-\w+\.s3\.amazonaws\.com)$/

/**
 * Whether this is the address of an image attached to a thread. No other host is ever asked: a request would tell its
 * owner who is reading, and might reach into Backspace's own network.
 *
 * @param webUrl `https://github.com`, or the Enterprise Server's address.
 */
export function isThreadImage(address: string, webUrl: string): boolean {
  const url = parse(address)
  if (!url) return false
  if (isOwn(url, webUrl)) {
    return /^\/(?:user-attachments\/assets|storage\/user|[\w.-]+\/[\w.-]+\/assets)\/[\w./-]+$/.test(
      url.pathname,
    )
  }
  return url.protocol === 'https:' && url.port === '' && IMAGE_HOSTS.includes(url.hostname)
}

/**
 * Downloads an image whose address passes `isThreadImage`; undefined if it cannot be read, is too large, or GitHub
 * redirects to a host outside GitHub.
 *
 * @param options.octokit its token is sent only to `webUrl`.
 */
export async function fetchImage(
  address: string,
  {
    octokit,
    webUrl,
    maxBytes,
    signal,
  }: {
    readonly octokit: Pick<GitHubClient, 'auth'>
    readonly webUrl: string
    readonly maxBytes: number
    readonly signal: AbortSignal
  },
): Promise<Uint8Array | undefined> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  let url = parse(address)
  try {
    for (let hops = 0; url && hops <= MAX_REDIRECTS; hops++) {
      const headers = isOwn(url, webUrl) ? { authorization: `token ${await tokenOf(octokit)}` } : {}
      const response = await fetch(url, { headers, redirect: 'manual', signal: within })
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || location === null) {
        if (response.ok) return await readUpTo(response, maxBytes)
        await response.body?.cancel()
        return undefined
      }
      await response.body?.cancel()
      url = nextHop(new URL(location, url), webUrl)
    }
    return undefined
  } catch {
    signal.throwIfAborted()
    // A missing image is no reason to fail a run.
    return undefined
  }
}

function nextHop(url: URL, webUrl: string): URL | undefined {
  if (isOwn(url, webUrl) || url.hostname === `media.${new URL(webUrl).hostname}`) return url
  const known = IMAGE_HOSTS.includes(url.hostname) || STORES.test(url.hostname)
  return known && url.protocol === 'https:' && url.port === '' ? url : undefined
}

async function tokenOf(octokit: Pick<GitHubClient, 'auth'>): Promise<string> {
  const auth = await octokit.auth()
  return typeof auth === 'object' && auth !== null && 'token' in auth ? String(auth.token) : ''
}

function isOwn(url: URL, webUrl: string): boolean {
  return url.origin === new URL(webUrl).origin
}

function parse(address: string): URL | undefined {
  return URL.parse(address) ?? undefined
}
