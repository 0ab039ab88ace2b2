import type { RunRequest } from '../../runs/run.ts'
import { hostsIn } from '../../text/markdown/outbound-links.ts'

/**
 * Hosts that a model's text may link to: those of the operator, the homepage of the repository, and those that people
 * with write access named in the request or its thread. Text of outsiders adds none.
 */
export function linkHostsOf(
  { prompt, thread, tainted }: RunRequest,
  more: { readonly operator?: readonly string[] | undefined; readonly homepage?: string | undefined },
): readonly string[] {
  const texts = tainted ? [] : [prompt, thread?.title ?? '', thread?.body ?? '']
  return [...(more.operator ?? []), ...hostsIn(more.homepage ?? '', ...texts)]
}
