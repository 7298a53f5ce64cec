// Passkeys. A form says what it needs: data-passkey="get" or "create", and its options in data-options or at
// data-options-url. It stays hidden where the browser has no keys, or where the address is a number (keys are tied
// to a name), and [data-passkey-absent] says so instead: the page never offers what cannot work.
(() => {
  'use strict'
  if (!window.PublicKeyCredential || /^[\d.]+$|:/.test(window.location.hostname)) return
  for (const note of document.querySelectorAll('[data-passkey-absent]')) note.hidden = true

  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options)
    const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error('options')
    return (await answer.json()).request_options
  }

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const error = form.querySelector('[data-passkey-error]')
    form.hidden = false
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      error.hidden = true
      try {
        const options = await optionsOf(form)
        const alone = form.elements.passwordless
        if (alone) {
          const wish = options.publicKey.authenticatorSelection
          wish.residentKey = alone.checked ? 'required' : 'discouraged'
          wish.requireResidentKey = alone.checked
          if (alone.checked) wish.userVerification = 'required'
        }
        const credential = await window.webauthnJSON[form.dataset.passkey](options)
        form.elements.credential.value = JSON.stringify(credential)
        form.submit()
      } catch {
        error.hidden = false
      }
    })
  }
})()
