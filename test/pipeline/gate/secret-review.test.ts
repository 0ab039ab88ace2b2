import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseSecretAllowList, type SecretAllowList } from '../../../src/checks/secret-allow-list.ts'
import { BackspaceError } from '../../../src/errors.ts'
import type { ChangedFile } from '../../../src/pipeline/collect/change-list.ts'
import { diffFile } from '../../../src/pipeline/collect/diff-file.ts'
import { type GateReport, gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { createSecretSearch, type SearchInThread } from '../../../src/pipeline/gate/search-bytes.ts'
import { reviewSecrets } from '../../../src/pipeline/gate/secret-review.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { changed, withoutFindings } from '../changed-file.ts'

const TOKEN = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`
const README = changed({ path: 'README.md', status: 'modified', text: 'hello\n' })
const BASE = ['README.md', 'src/a.ts', 'keys/known.txt']

interface Given {
  readonly knownSecrets?: readonly string[]
  readonly allow?: string
  readonly searchInThread?: SearchInThread
}

async function review(
  files: readonly ChangedFile[],
  { knownSecrets = [], allow, searchInThread }: Given = {},
) {
  const shown = files.map((file) => ({ ...file, diff: diffOf(file) }))
  const changes = { ...withoutFindings(shown), diff: shown.map(({ diff }) => diff).join('') }
  const list = allow === undefined ? undefined : parseSecretAllowList(allow, '.github/backspace.yml')
  const readAllowList = async (): Promise<SecretAllowList> =>
    list ?? { source: undefined, allows: () => false, problems: [] }
  return reviewSecrets(changes, {
    knownSecrets,
    basePaths: new Set(BASE),
    readAllowList,
    search: createSecretSearch(searchInThread),
  })
}

function diffOf(file: ChangedFile): string {
  const { path, previousPath, mode, bytes, before = null } = file
  const oldMode = before === null ? '000000' : '100644'
  return diffFile({ path, previousPath, mode, bytes, before, oldMode })?.diff ?? ''
}

async function gate(files: readonly ChangedFile[], given?: Given): Promise<GateReport> {
  const changes = await review(files, given)
  return atOnce(gateChanges({ changes, baseTree: new Set(BASE), tainted: false }))
}

async function refusal(files: readonly ChangedFile[], given?: Given): Promise<BackspaceError> {
  const error: unknown = await gate(files, given).catch((thrown: unknown) => thrown)
  if (error instanceof BackspaceError) return error
  throw new Error('the gate let it pass')
}

test('a file with a secret stays out and is named with line and rule; the rest becomes a draft', async () => {
  const leak = changed({ path: 'src/b.ts', text: `const a = 1\nconst token = '${TOKEN}'\n` })
  const report = await gate([README, leak, changed({ path: 'src/c.ts' })])
  expect(report.publish.map(({ path }) => path)).toEqual(['README.md', 'src/c.ts'])
  expect(report.withheld.map(({ path }) => path)).toEqual(['src/b.ts'])
  expect(report.draft).toBe(true)
  expect(report.reasons.join('\n')).toContain('GitHub token in `src/b.ts` line 2 (`github-')
  expect(report.reasons.join('\n')).toMatch(
    /may not work without these files[\s\S]*environment[\s\S]*secrets\.allow/,
  )
  expect(JSON.stringify([report.reasons, report.withheld.map(({ diff }) => diff)])).not.toContain(TOKEN)
})

test('a change of nothing but secrets is refused, with every place and without the secrets', async () => {
  const error = await refusal([
    changed({ path: 'src/b.ts', text: `\n${TOKEN}\n` }),
    changed({ path: '.github/workflows/a.yml', text: TOKEN }),
  ])
  expect(error.code).toBe('secret_found')
  expect(error.userMessage).toContain('GitHub token in `src/b.ts` line 2')
  expect(error.userMessage).toContain('`.github/workflows/a.yml` line 1')
  expect(JSON.stringify([error.userMessage, error.facts])).not.toContain(TOKEN)
})

test('the diff of such a file shows everything but the secret, whatever its shape and however many lines it has', async () => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const known = 'canary-7f3e2a9c-value'
  const text = `first\na = ${known}; b = ${TOKEN}; c\n${key}last\n${Buffer.from(`x${known}y`).toString('base64')}\n`
  const file = {
    ...changed({ path: 'src/b.ts', status: 'modified', text }),
    before: Buffer.from('first\nlast\n'),
  }
  const { diff, files } = await review([README, file], { knownSecrets: [known] })
  expect(diff).toContain(' first\n')
  expect(diff).toContain(' last\n')
  expect(diff).toContain('+a = [redacted]; b = ')
  expect(diff).toContain('+hello\n')
  for (const part of [
    known,
    TOKEN,
    ...key.split('\n').slice(1, -2),
    Buffer.from(known.slice(2, 14)).toString('base64'),
  ]) {
    expect(diff).not.toContain(part)
    expect(files[1]?.diff).not.toContain(part)
  }
})

test('a secret of this process is found in every usual spelling, also in a binary file or in UTF-16', async () => {
  const secret = 'canary-7f3e2a9c-value'
  const known = { knownSecrets: [secret] }
  for (const text of [
    secret,
    Buffer.from(secret).toString('hex'),
    Buffer.from(`{"a":"${secret}"}`).toString('base64'),
    Buffer.from(`x${secret}y`).toString('base64url'),
  ]) {
    const report = await gate([README, changed({ path: 'a', text: `>${text}<` })], known)
    expect(report.withheld).toHaveLength(1)
  }
  const binary = { ...changed({ path: 'a.bin', text: `\u0000${secret}` }), binary: true }
  const utf16 = { ...binary, path: 'b.txt', bytes: Buffer.from(`\ufeff${secret}`, 'utf16le') }
  expect((await gate([README, binary, utf16], known)).withheld).toHaveLength(2)
})

test('a name with a secret keeps its file out and is shown masked; one that the base commit has does not', async () => {
  const path = `keys/${TOKEN}.txt`
  const report = await gate([README, changed({ path, text: 'x\n' })])
  expect(report.withheld).toHaveLength(1)
  expect(report.reasons[0]).toContain('GitHub token in the name of `keys/[redacted]')
  expect(JSON.stringify([report.reasons, report.withheld[0]?.diff])).not.toContain(TOKEN)
  const reviewed = await review([changed({ path, status: 'deleted' })])
  expect(reviewed.leaks.size).toBe(0)
})

test('what was in the file before is not reported again, unless it is a credential of this service', async () => {
  const file = {
    ...changed({ path: 'src/a.ts', status: 'modified', text: `${TOKEN}\nmore\n` }),
    before: Buffer.from(`${TOKEN}\n`),
  }
  expect((await gate([file])).publish).toHaveLength(1)
  expect((await refusal([file], { knownSecrets: [TOKEN] })).code).toBe('secret_found')
})

const ALLOW = 'secrets:\n  allow:\n    - { path: "test/fixtures/**", rule: RULE }\n'

test('a repository allows a finding by path and rule, and the report says so', async () => {
  const fixture = changed({ path: 'test/fixtures/token.txt', text: `\n${TOKEN}\n` })
  const [, rule = ''] = /\(`(github-[a-z-]+)`\)/.exec((await refusal([fixture])).userMessage) ?? []
  const allow = ALLOW.replace('RULE', rule)
  const report = await gate([README, fixture], { allow })
  expect(report).toMatchObject({ withheld: [], draft: false, reasons: [] })
  expect(report.remarks).toEqual([
    `Looks like a secret, and is allowed by \`.github/backspace.yml\`: GitHub token in \`test/fixtures/token.txt\` line 2 (\`${rule}\`).`,
  ])
  const elsewhere = { ...fixture, path: 'src/token.txt' }
  expect((await gate([README, elsewhere], { allow })).withheld).toHaveLength(1)
  expect((await gate([README, fixture], { allow: ALLOW.replace('RULE', 'jwt') })).withheld).toHaveLength(1)
})

test('no repository allows a credential of this service, and a broken entry allows nothing', async () => {
  const secret = 'canary-7f3e2a9c-value'
  const fixture = changed({ path: 'test/fixtures/a.txt', text: secret })
  const allow = ALLOW.replace('RULE', 'known-secret')
  expect((await gate([README, fixture], { allow, knownSecrets: [secret] })).withheld).toHaveLength(1)
  const broken = await review([changed({ path: 'a', text: TOKEN })], { allow: ALLOW.replace('RULE', '"*"') })
  expect(broken.leaks.size).toBe(1)
  expect(broken.problems).toEqual([expect.stringContaining('Entry 1')])
})

test('a file that could not be searched in time stays out, whatever the repository allows', async () => {
  const large = changed({ path: 'test/fixtures/large.txt', text: 'no secret\n'.repeat(4000) })
  const allow = ALLOW.replace('RULE', 'jwt')
  const report = await gate([README, large], { allow, searchInThread: async () => undefined })
  expect(report.withheld).toHaveLength(1)
  expect(report.reasons[0]).toContain('`test/fixtures/large.txt`, which took too long to search')
  expect((await gate([README, large], { allow })).withheld).toEqual([])
})

test('of thousands of secrets in a file some are named, each rule counts, and no line of it is shown', async () => {
  const lines = Array.from({ length: 3000 }, (_, index) => TOKEN.replace('aB3', `a${index}`).slice(0, 40))
  const text = `${lines.join('\n')}\n${generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' })}`
  const fixture = changed({ path: 'test/fixtures/many.txt', text })
  const { leaks, diff } = await review([README, fixture], { allow: ALLOW.replace('RULE', 'github-pat') })
  expect(leaks.get(fixture.path)?.findings).toEqual([expect.stringContaining('private key')])
  expect(diff).toContain('more than 2000 values that look like secrets')
  expect(diff).not.toMatch(/ghp_|BEGIN/)
})

test('a secret behind millions of lines is masked in its line', async () => {
  const before = '\n'.repeat(900_000)
  const file = changed({ path: 'a.txt', status: 'modified', text: `${before}token = '${TOKEN}'\n` })
  const { leaks, diff } = await review([{ ...file, before: Buffer.from(before) }])
  expect(leaks.get('a.txt')?.findings).toEqual([expect.stringContaining('line 900001')])
  expect(diff).toContain("+token = '[redacted]'")
})
