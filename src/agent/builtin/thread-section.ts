import type { AgentTask, ThreadContext } from '../agent.ts'
import { boundText } from '../tools/bound-text.ts'
import { quoteData } from './quote-data.ts'

const MAX_BODY = 24 * 1024
const MAX_PATCHES = 16 * 1024
const MAX_PATCH = 4 * 1024

/** The issue or pull request that a request stands in: its text, what it changes, what was said. */
export function threadSection({ thread, prompt }: AgentTask, nonce: string): string[] {
  if (!thread) return []
  const { comments = [], leftOut = [], changes } = thread
  return [
    `The request stands in ${nameOf(thread)}:\n${quoteData({ ...firstText(thread, prompt), nonce })}`,
    ...(changes ? [describeChanges(changes, nonce)] : []),
    ...(comments.length === 0
      ? []
      : [
          ['Said there before, by people with write access:', ...comments.map(quoteComment(nonce))].join(
            '\n',
          ),
        ]),
    ...(leftOut.length === 0 ? [] : [`Not shown: ${leftOut.join('; ')}.`]),
  ]
}

export function nameOf({ kind, number }: Pick<ThreadContext, 'kind' | 'number'>): string {
  return `${kind === 'issue' ? 'issue' : 'pull request'} #${number}`
}

function firstText(thread: ThreadContext, prompt: string): { source: string; text: string } {
  const body = thread.body.trim()
  const adopted = body !== '' && prompt.includes(body)
  const author = `${thread.author}${thread.trusted ? '' : ', who has no write access'}`
  return {
    source: `${nameOf(thread)}, by ${author}`,
    text: `${thread.title}\n\n${adopted ? '(its text is the request below)' : boundText(body, MAX_BODY)}`,
  }
}

function quoteComment(nonce: string) {
  return ({ author, at, place, text }: NonNullable<ThreadContext['comments']>[number]): string => {
    const where = place === undefined ? '' : `, on ${place}`
    return quoteData({ source: `comment by ${author}, ${at.slice(0, 16)}Z${where}`, text, nonce })
  }
}

function describeChanges(
  { base, head, files }: NonNullable<ThreadContext['changes']>,
  nonce: string,
): string {
  const list = files.map(
    ({ path, status, additions, deletions }) => `${status} ${path} +${additions} -${deletions}`,
  )
  const patches: string[] = []
  let left = MAX_PATCHES
  for (const { path, patch } of files) {
    if (patch === undefined || left < Math.min(patch.length, MAX_PATCH)) continue
    const shown = boundText(patch, MAX_PATCH)
    left -= shown.length
    patches.push(`--- ${path}\n${shown}`)
  }
  const cut = patches.length < files.length ? '\nThe diffs of the other files are not shown.' : ''
  const text = [list.join('\n'), ...patches].join('\n\n')
  return `It asks to merge ${head} into ${base}; the workspace stands at ${head}. What it changes so far:\n${quoteData({ source: 'the diff', text, nonce })}${cut}`
}
