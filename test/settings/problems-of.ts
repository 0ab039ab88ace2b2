import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readConfig } from '../../src/config.ts'

type Env = Readonly<Record<string, string>>

/** The sentences of the refusal, one problem per line; empty when Backspace would start. */
export function problemsOf(env: Env): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return String((error as Error).message)
      .replace('config_invalid: ', '')
      .split('\n')
  }
}

/** The key pair of the tests' App. */
export const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const PEM = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const SECRET = randomBytes(32).toString('hex')
export const TOKEN = randomBytes(32).toString('base64')
export const APP = { APP_ID: '7', PRIVATE_KEY: PEM, WEBHOOK_SECRET: SECRET }
