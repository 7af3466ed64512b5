// SPDX-License-Identifier: MPL-2.0

package job

import "testing"

func TestASignatureDoesNotIdentifyAFile(t *testing.T) {
	for _, test := range []struct{ name, url, want string }{
		{"no query", "https://dl.example/a.cab", "https://dl.example/a.cab"},
		{"a query that signs nothing", "https://dl.example/a.cab?v=1&Policy=a&Expires=9&se=b", "https://dl.example/a.cab?v=1&Policy=a&Expires=9&se=b"},
		{
			"AWS", "https://b.s3.example/a.cab?X-Amz-Algorithm=AWS4-HMAC-SHA256&versionId=7&X-Amz-Date=20261120T101112Z&X-Amz-Security-Token=t&X-Amz-Signature=f",
			"https://b.s3.example/a.cab?versionId=7",
		},
		{"AWS, version 2", "https://b.s3.example/a.cab?AWSAccessKeyId=A&Expires=1&Signature=s", "https://b.s3.example/a.cab"},
		{"Google Cloud", "https://s.example/b/a.cab?X-Goog-Expires=60&X-Goog-Signature=f&generation=3", "https://s.example/b/a.cab?generation=3"},
		{"CloudFront", "https://d.example/a.cab?Policy=p&Signature=s&Key-Pair-Id=K", "https://d.example/a.cab"},
		{
			"a SAS of Azure", "https://a.blob.example/c/a.cab?sv=2024-11-04&st=2026-11-20T10%3A00Z&se=2026-11-21T10%3A00Z&sr=b&sp=r&snapshot=x&sig=q%3D",
			"https://a.blob.example/c/a.cab?snapshot=x",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := unsigned(test.url); got != test.want {
				t.Errorf("unsigned: %s, want %s", got, test.want)
			}
		})
	}
}
