import type { CommunityFile } from '../../github/community-files.ts'
import { sentencesOf } from './sentences.ts'

/** What a repository's texts ask of each change besides code. */
export interface ContributionAsks {
  /** Path of the file that asks for a sign-off (Developer Certificate of Origin) of each commit. */
  readonly signOff: string | undefined
  /** Set when changes that users notice need an entry in the changelog at `path`. */
  readonly changelog: { readonly askedBy: string; readonly path: string } | undefined
}

/** A sign-off of commits by their author. A maintainer's sign-off of a plan is something else. */
const SIGN_OFF =
  /\bsigned-off-by\b|\bDCO\b|developer certificate of origin|\bsign(?:ed|ing)?[- ]?off\b.{0,40}\bcommits?\b|\bcommits?\b.{0,40}\bsign(?:ed|ing)?[- ]?off\b|--signoff\b|\bcommit -s\b/i
const CHANGELOG = /\b(?:[Cc]hange[- ]?[Ll]ogs?|CHANGE-?LOG|CHANGES|NEWS|[Rr]elease notes?)\b|\bHISTORY\.\w+/
const WANTS =
  /\b(?:must|should|shall|need(?:s|ed)?|require[sd]?|please|ensure|make sure|remember|have to|ha(?:s|ve) been|all|each|every|add(?:s|ed)?|updat(?:e|es|ed|ing)|include[sd]?|write|written|describe[sd]?|document(?:ed)?|entry|entries|certify|certifies)\b/i
const DOES_NOT =
  /\b(?:no|not|never|don['’]t|doesn['’]t|without|automatic(?:ally)?|auto-?generated|generated (?:by|from)|maintainers? (?:will|do|write|update)|release manager|at release time)\b/i

/** Settings of the DCO App and of DCO actions. */
const SIGN_OFF_FILE = /^\.github\/(?:workflows\/)?dco\.ya?ml$/
const CHANGELOG_FILE =
  /^(?:docs\/)?(?:CHANGELOG|CHANGES|HISTORY|NEWS|RELEASE[-_]NOTES)(?:\.(?:md|rst|txt|adoc))?$/i

/**
 * Finds requests in sentences; code and comments do not count. A sentence with a negation asks for nothing. Takes time
 * linear in the length of the texts.
 *
 * @param paths every file of the base commit.
 */
export function findAsks(texts: readonly CommunityFile[], paths: readonly string[]): ContributionAsks {
  const askedBy = (about: RegExp) =>
    texts.find(({ text }) =>
      sentencesOf(text).some(
        (sentence) => about.test(sentence) && WANTS.test(sentence) && !DOES_NOT.test(sentence),
      ),
    )?.path
  const path = paths.find((one) => CHANGELOG_FILE.test(one))
  const changelog = path === undefined ? undefined : askedBy(CHANGELOG)
  return {
    signOff: askedBy(SIGN_OFF) ?? paths.find((one) => SIGN_OFF_FILE.test(one)),
    changelog: path === undefined || changelog === undefined ? undefined : { askedBy: changelog, path },
  }
}
