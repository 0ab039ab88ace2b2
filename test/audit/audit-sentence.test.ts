import { expect, test } from 'vitest'
import { type AuditFact, type AuditKind, markText, parseAuditEntry } from '../../src/audit/audit-entry.ts'
import { auditSentence } from '../../src/audit/audit-sentence.ts'

const HASH = 'a'.repeat(64)
const TEXT = markText('Fix it')
const TOKEN = { purpose: 'write', reaches: 'acme/api', hashedToken: 'n9+qgSWLPJY2eA==' } as const
const EXPIRES = '2026-11-29T04:29:06.000Z'
const ASKED = {
  trigger: 'comment',
  repository: 'acme/api',
  thread: 7,
  asked: 'comment:1:issue_comment:2',
} as const

/** One of each kind, and what it says. */
const KINDS: {
  readonly [Kind in AuditKind]: readonly [Extract<AuditFact, { kind: Kind }>['facts'], RegExp]
} = {
  'service.started': [
    { role: 'all', deployment: 'default', sandbox: 'e2b', settings: HASH },
    /^Backspace started as all .* settings aaaaaaaaaaaa\.$/,
  ],
  'service.paused': [
    { reason: 'A key leaked', stopRunning: true },
    /^@ada \(7\) paused all runs and stopped those that worked: A key leaked\.$/,
  ],
  'service.resumed': [{ reason: 'A key leaked' }, /^@ada \(7\) ended the pause \(A key leaked\)\.$/],
  'request.authorised': [
    { ...ASKED, rule: 'write_access', commands: ['stop'] },
    /^@ada \(7\) asked in acme\/api#7 \(comment with stop\) and may: GitHub says/,
  ],
  'request.refused': [{ ...ASKED, rule: 'no_write_access' }, /was refused: no write access\.$/],
  'request.repeated': [{ asked: 'x', rule: 'same_task' }, /does already; no other run was started\.$/],
  'run.requested': [
    { ...ASKED, prompt: TEXT, tainted: true, plan: true },
    /requested a run in acme\/api#7 \(comment\) with a text of 6 characters .*; a plan only; tainted/,
  ],
  'run.steered': [{ asked: 'x', text: TEXT }, /^@ada \(7\) added a text of 6 characters/],
  'plan.approved': [{ plan: 'run-0', asked: 'x' }, /approved the plan of run run-0\.$/],
  'run.stop_asked': [{ reason: 'Stopped by @ada.' }, /asked to stop: Stopped by @ada\.$/],
  'run.started': [{ attempt: 2 }, /^Attempt 2 started\.$/],
  'sandbox.opened': [{ provider: 'e2b', sandbox: 's-1', resumed: false }, /^e2b sandbox s-1 was started\.$/],
  'instructions.used': [
    { prompt: TEXT, files: [{ path: 'AGENTS.md', sha256: HASH }], comments: 1 },
    /AGENTS\.md \(aaaaaaaaaaaa\), and 1 comment\.$/,
  ],
  'token.minted': [
    { ...TOKEN, permissions: { contents: 'write' }, expiresAt: EXPIRES },
    /^A write token for acme\/api \(n9\+qgSWLPJY2\) was minted: contents: write, until 2026/,
  ],
  'token.revoked': [{ ...TOKEN, tries: 3 }, /was revoked at try 3\.$/],
  'token.not_revoked': [
    { ...TOKEN, tries: 12, final: true, expiresAt: EXPIRES },
    /in 12 tries: it works until 2026/,
  ],
  'gate.passed': [
    { files: 2, withheld: 1, protected: 0, draft: true, reasons: ['A file has a token.'] },
    /^The gate decided: 2 files may be published, 1 withheld, 0 protected, as a draft\. A file has a token\.$/,
  ],
  'gate.refused': [
    { code: 'secret_found', reasons: ['A key in `a.ts` line 3.'] },
    /\(secret_found\)\. A key in/,
  ],
  'change.published': [
    {
      ...{ repository: 'acme/api', base: 'main', baseSha: HASH, branch: 'acme:b', commit: HASH },
      ...{ files: 1, pullRequest: 8, draft: true, credential: 'pat' },
    },
    /^1 file published with GITHUB_PAT as aaaaaaa on acme:b, from main at aaaaaaa: draft pull request acme\/api#8\.$/,
  ],
  'text.masked': [{ texts: 4 }, /^Secrets were masked in 4 texts/],
  'run.ended': [{ status: 'failed', reason: 'time_limit' }, /^The run ended: failed \(time_limit\)\.$/],
  'api_token.created': [
    { name: 'ci', repositories: ['acme/*'], rights: ['start', 'read'], expiresAt: null },
    /created API token "ci": start, read in acme\/\*, without an end\.$/,
  ],
  'api_token.revoked': [{ name: 'ci' }, /revoked API token "ci"\.$/],
  'person.signed_in': [{}, /^@ada \(7\) signed in with GitHub\.$/],
  'person.not_signed_in': [
    { reason: 'forbidden' },
    /^A person was not signed in with GitHub \(forbidden\)\.$/,
  ],
  'person.signed_out': [{ everywhere: true }, /^@ada \(7\) logged out everywhere\.$/],
  'share.made': [
    { share: 'a1b2', expiresAt: EXPIRES },
    /^@ada \(7\) made the link a1b2, which shows this run until 2026/,
  ],
  'share.revoked': [{ share: 'a1b2' }, /^@ada \(7\) revoked the link a1b2\.$/],
  'receipt_key.made': [
    { key: HASH, replaces: 'b'.repeat(64) },
    /made the key a{12} for receipts in place of b{12}\.$/,
  ],
  'receipt.issued': [
    { commit: '3f2a91c0', key: HASH, sha256: 'c'.repeat(64) },
    /^The receipt c{12} of commit 3f2a91c was signed with the key a{12}\.$/,
  ],
  'database.restored': [
    { writtenAt: EXPIRES, rows: 3 },
    /restored the database from a backup of 2026.* \(3 rows\)\.$/,
  ],
  'log.pruned': [{ through: 9, hash: HASH, entries: 9 }, /^9 entries up to 9 were deleted for their age\.$/],
}

test.each(Object.entries(KINDS))('%s reads as a sentence', (kind, [facts, sentence]) => {
  const stored = { kind, facts: JSON.parse(JSON.stringify(facts)), actor: 'person:7:ada' }
  expect(parseAuditEntry(stored)).toEqual({ kind, facts })
  expect(auditSentence(stored)).toMatch(sentence)
  expect(auditSentence(stored)).not.toMatch(/undefined|\[object/)
})

test('a kind of a newer version is shown as it is', () => {
  const stored = { kind: 'moon.seen', facts: { full: true }, actor: 'token:ci' }
  expect([parseAuditEntry(stored), auditSentence(stored)]).toEqual([undefined, 'moon.seen {"full":true}'])
})
