import { z } from 'zod'
import type { HistoryAsk } from '../agent.ts'
import { defineTool, toolError } from './tool.ts'

const MOST_COMMITS = 20_000
export const HISTORY_ARGS: z.ZodType<HistoryAsk> = z.strictObject({
  commits: z.number().int().min(1).max(MOST_COMMITS).optional().describe('1 to 20,000'),
})

/** The answer in a run in which no history can be fetched. */
const CANNOT =
  'More history cannot be fetched in this run. Go on with what is there, and say what you could not look at.'

export const fetchHistory = defineTool<HistoryAsk>({
  name: 'fetch_history',
  description:
    'Brings older commits into the clone. With commits: that many generations, with their files (blame, show, log -p, bisect). Without: all commits and tags, without files (log, describe).',
  args: HISTORY_ARGS,
  aliases: { depth: 'commits', count: 'commits' },
  readOnly: true,
  title: ({ commits }) => (commits === undefined ? 'all commits' : `${commits} commits`),
  async run(ask, { fetchHistory: fetch, signal }) {
    if (!fetch) return toolError(CANNOT)
    const { isThere, text } = await fetch(ask, signal)
    return isThere ? { status: 'ok', text, detail: { kind: 'other', text } } : toolError(text)
  },
})
