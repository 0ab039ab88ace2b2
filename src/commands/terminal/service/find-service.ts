import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { BackspaceError } from '../../../errors.ts'
import type { ClientSettings } from '../../../settings/read-client.ts'
import { isLoopback } from '../../../settings/settings-reader.ts'
import type { ReachedService } from './reached-service.ts'

interface ServiceChoice {
  /** Address of the service, as the person wrote it. */
  readonly url: string | undefined
  /** Path of a file that holds the API token; only its owner may be able to read it. */
  readonly tokenFile: string | undefined
  /** Folder that a relative path starts from. */
  readonly from: string
}

/**
 * Finds the Backspace that a command talks to: the one that the person names, else that of BACKSPACE_URL, else the one
 * that listens on this machine.
 *
 * @throws {BackspaceError} `bad_request` for an address or a token file that cannot be used.
 */
export function findService(
  settings: ClientSettings,
  { url: asked, tokenFile, from }: ServiceChoice,
): ReachedService {
  const own = ownAddress(settings)
  const url = asked === undefined ? (settings.elsewhere ?? own) : checkAddress(asked)
  const token = tokenFile === undefined ? tokenFor(url, settings) : readTokenFile(tokenFile, from)
  if (url !== own && token !== undefined && new URL(url).protocol === 'http:' && !isLoopback(new URL(url))) {
    throw wrong(
      `${url} is plain http to another machine, so the API token would cross the network in the clear. Use https.`,
    )
  }
  return { url, token }
}

/** The address at which this machine reaches a Backspace with these settings. */
export function ownAddress({ host, port }: Pick<ClientSettings, 'host' | 'port'>): string {
  const reached = /^(?:0\.0\.0\.0|::|\[::\])$/.test(host) ? '127.0.0.1' : host
  return `http://${reached.includes(':') && !reached.startsWith('[') ? `[${reached}]` : reached}:${port}`
}

/** A token of API_TOKENS is sent only to the service of these settings, never to another address. */
export function tokenFor(
  url: string,
  { ownToken, apiTokens, publicUrl }: ClientSettings,
): string | undefined {
  if (ownToken !== undefined) return ownToken
  const { origin } = new URL(url)
  const isOwn = isLoopback(new URL(url)) || (publicUrl !== undefined && new URL(publicUrl).origin === origin)
  return isOwn ? apiTokens[0]?.token : undefined
}

function checkAddress(asked: string): string {
  const url = URL.canParse(asked.trim()) ? new URL(asked.trim()) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw wrong(`--url must be an http or https address: --url https://backspace.example`)
  }
  if (url.username || url.password) {
    throw wrong(
      '--url has a user name or a password in it, which every process of this machine can see. Take it out.',
    )
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function readTokenFile(asWritten: string, from: string): string {
  const path = resolve(from, asWritten)
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode === undefined) throw wrong(`--token-file ${asWritten}: there is no such file.`)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw wrong(`--token-file ${path}: other users of this machine may read it. Run: chmod 600 ${path}`)
  }
  const token = readFileSync(path, 'utf8').trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw wrong(`--token-file ${path} must hold one API token and nothing else.`)
}

function wrong(message: string): BackspaceError {
  return new BackspaceError('bad_request', message)
}
