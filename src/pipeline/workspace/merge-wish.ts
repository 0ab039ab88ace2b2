/** A request to merge the current base into the branch of a pull request. */
export interface MergeWish {
  /** Head of the pull request, the first parent of the merge. The second parent is the commit from which the run starts. */
  readonly headSha: string
  /** The branch that is merged: `main`. */
  readonly from: string
  /** False if the request asks for more than the merge. */
  readonly isAll: boolean
  /** True if the request says rebase, which would need a forced push. */
  readonly isRebase: boolean
}

/** Characters. A longer request asks for more than a merge, and only its beginning is examined. */
const MOST_CHARACTERS = 2000

/** Names that people use for the base of a pull request. */
const BASES = ['main', 'master', 'trunk', 'develop', 'base', 'upstream', 'target', 'default branch']

/** Words that add nothing to the request for a merge. */
const FILLERS = new Set(
  `a again all and any are as at away base behind branch branches bring by catch caught deal can change changes commits conflict conflicted conflicting conflicts
  could date default develop existing file files fix for from get git github has have here i in into is it its just keep latest lock
  lockfile lockfiles look main make master me merge merged mergeable merging my needs new newest now of on onto our out outdated please pls plz pr problems
  pull rebase rebased request resolve resolving rid see solve some sort still sync synchronize target that the their them there these this those thanks
  to together top trunk up update upstream us want we which will with you your`.split(/\s+/),
)

/**
 * Whether a request asks for the base to be merged into the branch of its pull request: "resolve the conflicts with main",
 * "update this branch", "rebase on main".
 *
 * @param base name of the pull request's base.
 */
export function asksForMerge(
  prompt: string,
  base: string,
): Pick<MergeWish, 'isAll' | 'isRebase'> | undefined {
  const text = prompt
    .slice(0, MOST_CHARACTERS)
    .toLowerCase()
    .replace(/[`'"*_]/g, '')
  const names = [base.toLowerCase(), ...BASES].map((name) => name.replace(/[^a-z0-9]/g, '\\$&')).join('|')
  const into = `(?:(?:origin|upstream)/)?(?:${names})(?![\\w/-]|\\.\\w)`
  const own = new Set(base.toLowerCase().split(/[^a-z0-9]+/))
  const words = text.replace(/\borigin\//g, '').split(/[^a-z0-9]+/)
  const isAll =
    prompt.length < MOST_CHARACTERS &&
    words.every((word) => word === '' || FILLERS.has(word) || own.has(word))
  const asked = [
    CONFLICTS,
    new RegExp(
      `\\bmerg(?:e|ing)\\b (?:in |with )?(?:(?:the|latest|newest|current|recent|changes|commits|from|of|with|branch|our) ){0,6}${into}`,
    ),
    new RegExp(
      `\\b(?:update|sync|synchronize|bring|get|make|keep)\\b[^.\\n]{0,60}\\b(?:with|from|to|on|against)\\b (?:the )?(?:latest )?${into}`,
    ),
    new RegExp(`\\bpull(?:ing)? (?:(?:in|the|latest|newest|changes|commits|from|of) ){0,5}${into}`),
    new RegExp(`\\bcatch (?:(?:it|this|the|branch|pr) ){0,2}up (?:with|to|on) (?:the )?(?:latest )?${into}`),
    new RegExp(`\\b(?:behind|out of date|outdated)\\b (?:(?:with|compared|to|the|of) ){0,3}${into}`),
    /\b(?:update|sync) (?:the |this |my )?(?:pr |pull request )?branch\b/,
    /\bmake (?:this|it|the pr|the pull request|this pr|this pull request) mergeable\b/,
    REBASE,
  ].some((pattern) => {
    const found = pattern.exec(text)
    return found !== null && !NEGATED.test(text.slice(Math.max(0, found.index - 30), found.index))
  })
  // "merge conflicts pls" has no verb but is about nothing else.
  if (!asked && !(isAll && /\bconflicts?\b/.test(text))) return undefined
  return { isAll, isRebase: REBASE.test(text) }
}

/** Matches conflicts of branches; conflicts of names, types or settings are about the code. */
const CONFLICTS = new RegExp(
  String.raw`\b(?:resolve|resolving|fix|solve|sort out|clear|handle|settle|get rid of|deal with|remove|address|clean up)\b` +
    String.raw`[^.\n]{0,60}(?<=\b(?:the|these|those|all|any|its|my|our|your|both|this|pr|branch|git|merge|merging|remaining|new|lock ?files?|[\w-]+\.\w+|resolve|resolving|fix|solve|out|clear|handle|settle|of|with|up) )` +
    String.raw`conflicts?\b(?! (?:markers?|resolution|resolver|detection|handling|checks?|errors?|messages?|strateg\w+|tests?|pars\w+|between (?!this|the branch|it\b|main)))`,
)
const REBASE = /\brebas(?:e|ing)\b/
const NEGATED = /\b(?:dont|don t|do not|not|never|without|no|why|how)\b[^.\n]*$/
