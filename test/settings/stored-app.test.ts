import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type StoredApp, storeApp } from '../../src/settings/stored-app.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

const APP: StoredApp = {
  webUrl: 'https://github.com',
  id: 77,
  slug: 'backspace-acme',
  owner: 'Ada',
  ownerType: 'User',
  privateKey,
  webhookSecret: 'f0c1e2d3b4a5968778695a4b3c2d1e0f',
  clientId: 'Iv23liAbCdEfGh',
  clientSecret: '0123456789abcdef0123456789abcdef01234567',
  createdAt: '2026-11-29T12:00:00.000Z',
}

function directory(app: StoredApp = APP) {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'backspace-stored-'))
  onTestFinished(() => rmSync(DATA_DIR, { recursive: true, force: true }))
  storeApp(DATA_DIR, app)
  return { DATA_DIR, path: join(DATA_DIR, 'github-app.json') }
}

test('an App that was stored is read at the next start, its owner is the operator, and its secrets are masked', () => {
  const { DATA_DIR, path } = directory()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(DATA_DIR)).toEqual(['github-app.json'])
  const { github, web, secrets } = readConfig({ DATA_DIR })
  expect(github.app).toMatchObject({ id: 77, privateKey, webhookSecret: APP.webhookSecret })
  expect(github.oauth).toEqual({ clientId: APP.clientId, clientSecret: APP.clientSecret })
  expect(web.operators).toEqual(['ada'])
  expect(secrets).toEqual(expect.arrayContaining([privateKey, APP.webhookSecret, APP.clientSecret]))
  expect(readConfig({ DATA_DIR, OPERATORS: 'grace' }).web.operators).toEqual(['grace'])
  const ofOrganization = directory({ ...APP, ownerType: 'Organization' })
  expect(readConfig({ DATA_DIR: ofOrganization.DATA_DIR }).web.operators).toEqual([])
})

test('environment variables win over it', () => {
  const { DATA_DIR } = directory()
  const secret = 'another-secret-9f8e7d6c5b4a39281706'
  expect(readConfig({ DATA_DIR, WEBHOOK_SECRET: secret }).github.app).toMatchObject({
    id: 77,
    webhookSecret: secret,
  })
  const env = { DATA_DIR, APP_ID: '5', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: secret }
  expect(readConfig(env).github).toMatchObject({ app: { id: 5, webhookSecret: secret }, oauth: undefined })
  expect(readConfig(env).github.app?.stored).toBeUndefined()
  expect(() => readConfig({ DATA_DIR, APP_ID: '5' })).toThrow(/PRIVATE_KEY and PRIVATE_KEY_PATH are not/)
})

test('a file that is open to others, of another GitHub, or not ours is named', () => {
  const { DATA_DIR, path } = directory()
  expect(() => readConfig({ DATA_DIR, GHE_HOST: 'ghe.example' })).toThrow(
    /holds an App of https:\/\/github\.com, but the settings name https:\/\/ghe\.example/,
  )
  chmodSync(path, 0o640)
  expect(() => readConfig({ DATA_DIR })).toThrow(/other users may read it. Run: chmod 600 .*github-app\.json/)
  writeFileSync(path, '{"id": 7', { mode: 0o600 })
  chmodSync(path, 0o600)
  expect(() => readConfig({ DATA_DIR })).toThrow(/holds no GitHub App that this version can read/)
  expect(() => storeApp(path, APP)).toThrow(/could not be kept in DATA_DIR \(\w+\)/)
  rmSync(path)
  mkdirSync(path, { mode: 0o700 })
  expect(() => readConfig({ DATA_DIR })).toThrow(
    /github-app\.json is a directory.* Remove it and create the App/,
  )
})
