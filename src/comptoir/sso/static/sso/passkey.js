// Says on the page that a passkey did not work, where allauth only tells the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault()
  document.getElementById("passkey-error").hidden = false
})
