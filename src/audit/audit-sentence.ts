import { agentsText } from '../text/agent-name.ts'
import { type AuditFact, parseAuditEntry, type StoredAuditEntry } from './audit-entry.ts'

/** An audit entry as a sentence for a terminal. */
export function auditSentence(entry: Pick<StoredAuditEntry, 'actor' | 'kind' | 'facts'>): string {
  const fact = parseAuditEntry(entry)
  if (fact === undefined) return `${entry.kind} ${JSON.stringify(entry.facts)}`
  return say(fact, actorText(entry.actor))
}

function actorText(actor: string): string {
  const [kind, id = '', ...login] = actor.split(':')
  if (kind === 'person') return `@${login.join(':')} (${id})`
  if (kind === 'token') return `API token "${[id, ...login].join(':')}"`
  return kind === 'operator' ? 'The operator' : 'Backspace'
}

function say(fact: AuditFact, who: string): string {
  switch (fact.kind) {
    case 'service.started': {
      const { role, deployment, sandbox, settings } = fact.facts
      return `Backspace started as ${role} of deployment ${deployment} with the ${sandbox} sandbox; settings ${short(settings)}.`
    }
    case 'service.paused': {
      const { reason, stopRunning } = fact.facts
      return `${who} paused all runs${stopRunning ? ' and stopped those that worked' : ''}: ${reason}.`
    }
    case 'service.resumed':
      return `${who} ended the pause (${fact.facts.reason}).`
    case 'request.authorised': {
      const { repository, thread, trigger, commands, rule } = fact.facts
      if (rule === 'prove_always') {
        return `${who} opened or changed ${repository}#${thread}, and the repository asks for a proof of each pull request.`
      }
      const what = commands === undefined ? trigger : `${trigger} with ${commands.join(', ')}`
      return `${who} asked in ${repository}#${thread} (${what}) and may: GitHub says that they have write access.`
    }
    case 'request.refused':
      return `${who} asked in ${placeText(fact.facts)} and was refused: ${ruleText(fact.facts.rule)}.`
    case 'request.repeated':
      return fact.facts.rule === 'same_task'
        ? `${who} asked for what this run does already; no other run was started.`
        : `${who}'s request arrived again; no other run was started.`
    case 'run.requested':
      return requestSentence(fact.facts, who)
    case 'run.steered':
      return `${who} added ${textText(fact.facts.text)} to the run.`
    case 'plan.approved':
      return `${who} approved the plan of run ${fact.facts.plan}.`
    case 'run.stop_asked':
      return `The run was asked to stop: ${fact.facts.reason}`
    case 'run.started':
      return `Attempt ${fact.facts.attempt} started.`
    case 'sandbox.opened': {
      const { provider, sandbox, resumed } = fact.facts
      return resumed
        ? `The run went on in ${provider} sandbox ${sandbox}.`
        : `${provider} sandbox ${sandbox} was started.`
    }
    case 'instructions.used': {
      const { prompt, files, comments } = fact.facts
      const read = files.map(({ path, sha256 }) => `${path} (${short(sha256)})`)
      const instructions = read.length === 0 ? 'no instructions of the repository' : read.join(', ')
      return `The agent got ${textText(prompt)}, ${instructions}, and ${amount(comments, 'comment')}.`
    }
    case 'gate.passed':
      return gateSentence(fact.facts)
    case 'gate.refused':
      return `The gate refused the change (${fact.facts.code}). ${fact.facts.reasons.join(' ')}`
    case 'change.published':
      return publishedSentence(fact.facts)
    case 'text.masked':
      return `Secrets were masked in ${amount(fact.facts.texts, 'text')} of this attempt.`
    case 'run.ended':
      return `The run ended: ${fact.facts.status} (${fact.facts.reason}).`
    case 'api_token.created': {
      const { name, repositories, rights, expiresAt } = fact.facts
      return `${who} created API token "${name}": ${rights.join(', ')} in ${repositories.join(', ')}, ${expiresAt === null ? 'without an end' : `until ${expiresAt}`}.`
    }
    case 'api_token.revoked':
      return `${who} revoked API token "${fact.facts.name}".`
    case 'person.signed_in':
      return `${who} signed in with GitHub.`
    case 'person.not_signed_in':
      return `A person was not signed in with GitHub (${fact.facts.reason}).`
    case 'person.signed_out':
      return fact.facts.person === undefined
        ? `${who} logged out${fact.facts.everywhere ? ' everywhere' : ''}.`
        : `${who} ended all logins of the GitHub account ${fact.facts.person}.`
    case 'share.made':
      return `${who} made the link ${fact.facts.share}, which shows this run until ${fact.facts.expiresAt}.`
    case 'share.revoked':
      return `${who} revoked the link ${fact.facts.share}.`
    case 'receipt_key.made': {
      const { key, replaces } = fact.facts
      const old = replaces === undefined ? '' : ` in place of ${short(replaces)}`
      return `${who} made the key ${short(key)} for receipts${old}.`
    }
    case 'receipt.issued': {
      const { commit, key, sha256 } = fact.facts
      return `The receipt ${short(sha256)} of commit ${commit.slice(0, 7)} was signed with the key ${short(key)}.`
    }
    case 'database.restored':
      return `${who} restored the database from a backup of ${fact.facts.writtenAt} (${fact.facts.rows} rows).`
    case 'log.pruned':
      return `${amount(fact.facts.entries, 'entry', 'entries')} up to ${fact.facts.through} were deleted for their age.`
    default:
      return tokenSentence(fact)
  }
}

type FactsOf<Kind extends AuditFact['kind']> = Extract<AuditFact, { kind: Kind }>['facts']
type TokenFact = Extract<AuditFact, { kind: `token.${string}` }>

function tokenSentence({ kind, facts }: TokenFact): string {
  const token = `${facts.purpose} token for ${facts.reaches} (${facts.hashedToken.slice(0, 12)})`
  switch (kind) {
    case 'token.minted': {
      const may = Object.entries(facts.permissions).map(([name, level]) => `${name}: ${level}`)
      return `A ${token} was minted: ${may.join(', ')}, until ${facts.expiresAt}.`
    }
    case 'token.revoked':
      return `The ${token} was revoked${facts.tries > 1 ? ` at try ${facts.tries}` : ''}.`
    case 'token.not_revoked':
      return facts.final
        ? `The ${token} could not be revoked in ${facts.tries} tries: it works until ${facts.expiresAt}.`
        : `The ${token} could not be revoked at try ${facts.tries}; Backspace tries again.`
  }
}

function requestSentence(facts: FactsOf<'run.requested'>, who: string): string {
  const extras = [
    ...(facts.plan ? ['a plan only'] : []),
    ...(facts.base === undefined ? [] : [`on ${facts.base}`]),
    ...(facts.model === undefined ? [] : [`with ${facts.model}`]),
    ...(facts.agent === undefined ? [] : [`for ${agentsText([facts.agent])}`]),
    ...(facts.budgetUsd === undefined ? [] : [`for up to $${facts.budgetUsd}`]),
    ...(facts.continues === undefined ? [] : [`continuing run ${facts.continues}`]),
    ...(facts.tainted ? ['tainted: a person without write access wrote the task'] : []),
  ]
  const more = extras.length === 0 ? '' : `; ${extras.join('; ')}`
  return `${who} requested a run in ${placeText(facts)} (${facts.trigger}) with ${textText(facts.prompt)}${more}.`
}

function gateSentence({
  files,
  withheld,
  protected: guarded,
  draft,
  reasons,
}: FactsOf<'gate.passed'>): string {
  const counts = `${amount(files, 'file')} may be published, ${withheld} withheld, ${guarded} protected`
  return [`The gate decided: ${counts}${draft ? ', as a draft' : ''}.`, ...reasons].join(' ')
}

function publishedSentence(facts: FactsOf<'change.published'>): string {
  const { repository, base, baseSha, branch, commit, files, pullRequest, draft, credential } = facts
  const what = files === undefined ? 'The change' : amount(files, 'file')
  const by = credential === 'app' ? 'the App' : 'GITHUB_PAT'
  return `${what} published with ${by} as ${commit.slice(0, 7)} on ${branch}, from ${base} at ${baseSha.slice(0, 7)}: ${draft ? 'draft ' : ''}pull request ${repository}#${pullRequest}.`
}

function placeText({
  repository,
  thread,
}: {
  readonly repository: string
  readonly thread?: number | undefined
}) {
  return thread === undefined ? repository : `${repository}#${thread}`
}

function ruleText(rule: string): string {
  return rule === 'no_write_access' ? 'no write access' : `the limit ${rule} was reached`
}

function textText({ sha256, characters }: FactsOf<'run.steered'>['text']): string {
  return `a text of ${amount(characters, 'character')} (SHA-256 ${short(sha256)})`
}

function amount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

const short = (hash: string) => hash.slice(0, 12)
