import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stageCertificates } from '../../../src/sandbox/local/stage-certificates.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'certificates-'))
  mkdirSync(join(base, 'box'))
})
afterEach(() => rmSync(base, { recursive: true }))

const pem = (kind: string, text: string) => `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----\n`
const write = (path: string, text: string) => {
  mkdirSync(join(base, path, '..'), { recursive: true })
  writeFileSync(join(base, path), text)
  return join(base, path)
}
const staged = () =>
  readdirSync(join(base, 'box/certificates')).map((name) =>
    readFileSync(join(base, 'box/certificates', name), 'utf8'),
  )

test('a bundle is shown once, at a neutral path, for all variables that name it', async () => {
  const bundle = write('corp/ca.pem', `# Corp\n${pem('CERTIFICATE', 'one')}${pem('CERTIFICATE', 'two')}`)
  const { env, mount, forNode, trust } = await stageCertificates(join(base, 'box'), {
    NODE_EXTRA_CA_CERTS: bundle,
    PIP_CERT: bundle,
    HTTPS_PROXY: 'http://user:password@proxy',
    PATH: '/bin',
  })
  expect(env).toEqual({
    NODE_EXTRA_CA_CERTS: '/backspace/certificates/0.pem',
    PIP_CERT: '/backspace/certificates/0.pem',
  })
  expect(mount).toEqual({ source: join(base, 'box/certificates'), target: '/backspace/certificates' })
  expect(staged()).toEqual([pem('CERTIFICATE', 'one') + pem('CERTIFICATE', 'two')])
  expect(forNode).toBe(env.NODE_EXTRA_CA_CERTS)

  // One more authority comes beside those of the operator, and only for programs that add to what they trust.
  expect(await trust(pem('CERTIFICATE', 'box'))).toEqual({
    NODE_EXTRA_CA_CERTS: '/backspace/certificates/more.pem',
  })
  expect(staged()[1]).toBe(['one', 'two', 'box'].map((text) => pem('CERTIFICATE', text)).join(''))
})

test('only certificates are copied, whatever else lies beside them', async () => {
  const bundle = write('ca.pem', pem('PRIVATE KEY', 'secret') + pem('CERTIFICATE', 'one'))
  await stageCertificates(join(base, 'box'), { SSL_CERT_FILE: bundle })
  expect(staged()).toEqual([pem('CERTIFICATE', 'one')])
})

test('a file and directories of certificates become one file', async () => {
  const bundle = write('ca.pem', pem('CERTIFICATE', 'one'))
  write('certs/a.0', pem('CERTIFICATE', 'one'))
  write('certs/b.0', pem('CERTIFICATE', 'two'))
  write('certs/deeper/c.0', pem('CERTIFICATE', 'three'))
  const SSL_CERT_DIR = `${join(base, 'nowhere')}:${join(base, 'certs')}`
  const { env } = await stageCertificates(join(base, 'box'), { SSL_CERT_DIR, SSL_CERT_FILE: bundle })
  expect(env).toEqual({ SSL_CERT_FILE: '/backspace/certificates/0.pem' })
  expect(staged()).toEqual([pem('CERTIFICATE', 'one') + pem('CERTIFICATE', 'two')])
})

test('variables that lead nowhere are left out', async () => {
  const environment = { CURL_CA_BUNDLE: join(base, 'nowhere'), PIP_CERT: write('empty.pem', '') }
  const { env, forNode } = await stageCertificates(join(base, 'box'), environment)
  expect({ env, forNode }).toEqual({ env: {}, forNode: undefined })
})
