// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"reflect"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// How many characters of a host's texts are kept. No text of Windows is longer than the first (UNICODE_STRING holds 65,534 bytes),
// no name of an account or a computer, and no display name of BITS (256) is as long as the second, and no description of BITS (1,024)
// as the third.
const (
	maxText        = 32_767
	maxName        = 1_000
	maxDescription = 4_000
)

// name returns what a host calls an account, a computer or a version, as a state may hold it.
func name(text string) string { return bits.Printable(bits.Cut(text, maxName)) }

// bound cuts every text in a value that a host sent.
func bound(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Len() > maxText && v.CanSet() {
			v.SetString(bits.Cut(v.String(), maxText))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			bound(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			bound(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			bound(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			element := reflect.New(v.Type().Elem()).Elem()
			element.Set(v.MapIndex(key))
			bound(element)
			v.SetMapIndex(key, element)
		}
	default: // numbers
	}
}
