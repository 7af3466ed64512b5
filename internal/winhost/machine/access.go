// SPDX-License-Identifier: MPL-2.0

package machine

import "strings"

// AccessRule is an entry of a directory's access control list that allows something.
// Source: "ACE Inheritance Rules" and "File Access Rights Constants", learn.microsoft.com.
type AccessRule struct {
	SID         string `json:"sid"`
	Rights      uint32 `json:"rights"`
	Files       bool   `json:"files"`        // files in the directory inherit it: (OI)
	Folders     bool   `json:"folders"`      // directories in it do: (CI)
	InheritOnly bool   `json:"inherit_only"` // it is not about the directory itself: (IO)
}

// Accounts of access rules.
const (
	SIDEveryone           = "S-1-1-0"
	SIDAuthenticatedUsers = "S-1-5-11"
	SIDUsers              = "S-1-5-32-545"
)

// Rights to directories and files.
const (
	RightAddFile         uint32 = 0x2 // to a file: to write it
	RightAddSubdirectory uint32 = 0x4 // to a file: to append to it
	RightWriteEA         uint32 = 0x10
	RightDeleteChild     uint32 = 0x40
	RightWriteAttributes uint32 = 0x100
	RightWriteDAC        uint32 = 0x40000
	RightReadExecute     uint32 = 0x1200A9
	RightModify          uint32 = 0x1301BF
	RightGenericAll      uint32 = 0x10000000
)

// acl is a directory's own access control list.
type acl struct {
	protected bool // it inherits nothing
	rules     []AccessRule
}

// windowsAccess is what Windows Server lets ordinary users do, as icacls shows it: files may be made in new directories and in
// C:\ProgramData, and belong to who made them.
func windowsAccess() map[string]acl {
	read := AccessRule{SID: SIDUsers, Rights: RightReadExecute, Files: true, Folders: true}
	guarded := acl{protected: true, rules: []AccessRule{read}}
	return map[string]acl{
		`c:`: {protected: true, rules: []AccessRule{
			read, {SID: SIDUsers, Rights: RightAddSubdirectory, Folders: true},
			{SID: SIDUsers, Rights: RightAddFile, Folders: true, InheritOnly: true},
		}},
		`c:\programdata`: {protected: true, rules: []AccessRule{
			read, {SID: SIDUsers, Rights: RightAddFile | RightAddSubdirectory | RightWriteEA | RightWriteAttributes, Folders: true},
		}},
		`c:\windows`: guarded, `c:\program files`: guarded,
	}
}

// Allow adds rules to a directory, whether it is there or not. What is below it inherits them.
func (d *Drive) Allow(directory string, rules ...AccessRule) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.ToLower(directory)
	own := d.access[key]
	own.rules = append(own.rules[:len(own.rules):len(own.rules)], rules...)
	d.access[key] = own
}

// Access returns the rules of a directory, inherited ones too.
func (d *Drive) Access(directory string) []AccessRule {
	d.mu.Lock()
	defer d.mu.Unlock()
	path := strings.ToLower(directory)
	own := d.access[path]
	rules := own.rules[:len(own.rules):len(own.rules)]
	for !own.protected {
		at := strings.LastIndexByte(path, '\\')
		if at < 0 {
			break
		}
		path = path[:at]
		own = d.access[path]
		for _, rule := range own.rules {
			if rule.Folders || rule.Files {
				rule.InheritOnly = !rule.Folders // files in it inherit what only files do
				rules = append(rules, rule)
			}
		}
	}
	return rules
}
