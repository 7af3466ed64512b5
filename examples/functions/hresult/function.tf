# What a code from a log or a script means, and what to do about it.
output "not_logged_on" {
  value = provider::bits::hresult("0x800704DD").remedy
}

# .NET and scripts print codes as signed decimals. A code without a name is shown as it is.
output "code" {
  value = [for known in [provider::bits::hresult(-2145386494)] : coalesce(known.name, known.code)][0]
}
