import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** One sign-in on its way to GitHub and back. */
export interface SignInState {
  /** The path to which the person returns after signing in. */
  readonly next: string
  /** PKCE: only this browser can use the code that GitHub gives for the sign-in. */
  readonly verifier: string
}

/** How long GitHub's own code lives. */
export const SIGN_IN_SECONDS = 600

/** A new secret that a browser keeps in a cookie while it signs in. States are made and checked with it, so none is stored here. */
export function newBrowserSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function isBrowserSecret(text: string | undefined): text is string {
  return text !== undefined && /^[\w-]{43}$/.test(text)
}

/**
 * Begins a sign-in. Several may be on their way in one browser, in several tabs.
 *
 * @param secret of the browser that signs in.
 * @param next a path of this service.
 * @returns `state` as GitHub gives it back, and the challenge that goes with it.
 */
export function beginSignIn(
  secret: string,
  { next, now }: { readonly next: string; readonly now: Date },
): { readonly state: string; readonly challenge: string } {
  const expires = Math.floor(now.getTime() / 1000) + SIGN_IN_SECONDS
  const claim = [randomBytes(16).toString('base64url'), expires, Buffer.from(next).toString('base64url')]
  const text = claim.join('.')
  const challenge = createHash('sha256')
    .update(mac(secret, 'verifier', text))
    .digest('base64url')
  return { state: `${text}.${mac(secret, 'state', text)}`, challenge }
}

/** @returns undefined for a state that another browser began, that was tampered with, or that is too old. */
export function readSignIn(
  secret: string,
  { state, now }: { readonly state: string; readonly now: Date },
): SignInState | undefined {
  const [, text = '', expires = '', next = '', proof = ''] =
    /^([\w-]{22}\.(\d{1,12})\.([\w-]{1,600}))\.([\w-]{43})$/.exec(state) ?? []
  const expected = Buffer.from(mac(secret, 'state', text))
  const given = Buffer.from(proof)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  if (Number(expires) * 1000 <= now.getTime()) return undefined
  return { next: Buffer.from(next, 'base64url').toString(), verifier: mac(secret, 'verifier', text) }
}

function mac(secret: string, purpose: 'state' | 'verifier', text: string): string {
  return createHmac('sha256', secret).update(`backspace sign-in ${purpose} ${text}`).digest('base64url')
}
