import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import type { Account, Permissions } from './records.ts'
import type { GitHubOptions, World } from './world.ts'

/** The App that the stand-in knows. */
export interface AppRecord {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly owner: Account
  readonly bot: Account
  readonly privateKey: string
  readonly publicKey: string
  readonly webhookSecret: string
  /** Its owner may change these. */
  permissions: Permissions
  events: readonly string[]
  /** Where people are sent after they installed it. */
  readonly setupUrl: string | undefined
  /** Its owner may change these. */
  callbackUrls: readonly string[]
  readonly createdAt: number
}

const PERMISSIONS: Permissions = {
  metadata: 'read',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'write',
  statuses: 'write',
}

const EVENTS = [
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'push',
]

/** Of every App of this process that brings none: a key takes a while to make. */
const OWN_KEY = generateKeys()

/** The App that is there from the start. */
export function createApp(options: GitHubOptions, { now, nextId }: Pick<World, 'now' | 'nextId'>): AppRecord {
  const slug = options.appSlug ?? 'backspace'
  const account = (login: string, type: Account['type']) => ({
    id: nextId(),
    login,
    type,
    name: login,
    createdAt: now(),
  })
  return {
    id: options.appId ?? 8_118,
    slug,
    name: slug,
    clientId: 'Iv23standin0000000000',
    clientSecret: randomBytes(20).toString('hex'),
    owner: account(`${slug}-makers`, 'Organization'),
    bot: account(`${slug}[bot]`, 'Bot'),
    ...(options.privateKey === undefined
      ? OWN_KEY
      : { publicKey: options.privateKey, privateKey: options.privateKey }),
    webhookSecret: options.webhookSecret ?? `a webhook secret of ${randomUUID()}`,
    permissions: options.permissions ?? PERMISSIONS,
    events: options.events ?? EVENTS,
    setupUrl: undefined,
    callbackUrls: [],
    createdAt: now(),
  }
}

/** Both halves as PEM. `createPublicKey` derives the public half where only the private one is given. */
export function generateKeys(): Pick<AppRecord, 'publicKey' | 'privateKey'> {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
}
